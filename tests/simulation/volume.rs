//! One file system: what programs see of it, and what of that a power cut leaves.
//!
//! What was written and not flushed may be there afterwards or not, whole or in part, in any order; so may names that were
//! made, moved or taken away in a folder that was not flushed. Nothing is promised for a file by flushing its folder, nor
//! for a folder by flushing its files.

use crate::dice::{Dice, MoreDice};
use std::{collections::BTreeMap, path::Path, rc::Rc};

/// A file or a folder, by the order of their making.
pub(crate) type Node = usize;

/// The root folder.
const ROOT: Node = 0;

/// What lies in a folder.
pub(crate) type Names = BTreeMap<String, Node>;

#[derive(Debug, Clone)]
pub(crate) enum Content {
    File(File),
    Folder(Folder),
}

#[derive(Debug, Clone, Default)]
pub(crate) struct File {
    /// As programs see it.
    pub(crate) bytes: Rc<Vec<u8>>,
    /// As it is after a power cut that takes everything else.
    flushed: Rc<Vec<u8>>,
    pending: Vec<Write>,
}

#[derive(Debug, Clone)]
enum Write {
    Bytes { at: usize, bytes: Vec<u8> },
    Length(usize),
}

#[derive(Debug, Clone, Default)]
pub(crate) struct Folder {
    pub(crate) names: Names,
    flushed: Names,
    pending: Vec<Change>,
}

#[derive(Debug, Clone)]
enum Change {
    Put(String, Node),
    Take(String),
    /// One name in the place of another, which no power cut parts.
    Move {
        from: String,
        to: String,
        node: Node,
    },
}

impl Change {
    fn apply(&self, names: &mut Names) {
        match self {
            Change::Put(name, node) => drop(names.insert(name.clone(), *node)),
            Change::Take(name) => drop(names.remove(name)),
            Change::Move { from, to, node } => {
                // The old name may be somebody else's by now.
                if names.get(from) == Some(node) {
                    names.remove(from);
                }
                names.insert(to.clone(), *node);
            }
        }
    }
}

impl File {
    pub(crate) fn write(&mut self, at: usize, bytes: &[u8], reaches_the_disk: bool) {
        write_at(Rc::make_mut(&mut self.bytes), at, bytes);
        if reaches_the_disk {
            self.pending.push(Write::Bytes { at, bytes: bytes.to_vec() });
        }
    }

    pub(crate) fn set_len(&mut self, length: usize) {
        Rc::make_mut(&mut self.bytes).resize(length, 0);
        self.pending.push(Write::Length(length));
    }

    fn flush(&mut self) {
        for write in std::mem::take(&mut self.pending) {
            write.apply(Rc::make_mut(&mut self.flushed));
        }
        // Most files are what was written to them: one copy of the bytes is enough.
        if self.flushed == self.bytes {
            self.flushed = self.bytes.clone();
        }
    }

    /// What the disk had not taken yet is forgotten, as Linux forgets it where a flush has failed.
    fn forget_pending(&mut self) {
        self.pending.clear();
    }

    fn power_cut(&mut self, dice: &mut Dice) {
        for write in std::mem::take(&mut self.pending) {
            if let Some(write) = write.torn(dice) {
                write.apply(Rc::make_mut(&mut self.flushed));
            }
        }
        self.bytes = self.flushed.clone();
    }

    /// A bit turns over where it lies.
    fn rot(&mut self, dice: &mut Dice) -> bool {
        if self.flushed.is_empty() || !self.pending.is_empty() {
            return false;
        }
        let (at, bit) = (dice.below(self.flushed.len()), dice.below(8));
        Rc::make_mut(&mut self.flushed)[at] ^= 1 << bit;
        self.bytes = self.flushed.clone();
        true
    }
}

impl Write {
    fn apply(&self, file: &mut Vec<u8>) {
        match self {
            Write::Bytes { at, bytes } => write_at(file, *at, bytes),
            Write::Length(length) => file.resize(*length, 0),
        }
    }

    /// What of it a power cut lets through.
    fn torn(self, dice: &mut Dice) -> Option<Write> {
        match (self, dice.below(4)) {
            (_, 0) => None,
            (Write::Bytes { at, bytes }, 1) => {
                let part = dice.below(bytes.len() + 1);
                Some(Write::Bytes { at, bytes: bytes[..part].to_vec() })
            }
            // The length came through, and the bytes did not.
            (Write::Bytes { at, bytes }, 2) => Some(Write::Bytes { at, bytes: vec![0; bytes.len()] }),
            (whole, _) => Some(whole),
        }
    }
}

fn write_at(file: &mut Vec<u8>, at: usize, bytes: &[u8]) {
    if file.len() < at + bytes.len() {
        file.resize(at + bytes.len(), 0);
    }
    file[at..at + bytes.len()].copy_from_slice(bytes);
}

impl Folder {
    fn power_cut(&mut self, in_order: bool, dice: &mut Dice) {
        let changes = std::mem::take(&mut self.pending);
        let kept = dice.below(changes.len() + 1);
        for (at, change) in changes.iter().enumerate() {
            if if in_order { at < kept } else { dice.below(2) == 0 } {
                change.apply(&mut self.flushed);
            }
        }
        self.names = self.flushed.clone();
    }
}

/// One file system.
#[derive(Debug, Clone)]
pub(crate) struct Volume {
    nodes: BTreeMap<Node, Content>,
    next: Node,
    /// Changes to names come through in the order in which they were made, as a journal of the file system has it; else
    /// in any.
    in_order: bool,
    /// Bytes it has room for.
    pub(crate) room: usize,
    pub(crate) is_read_only: bool,
}

impl Volume {
    pub(crate) fn new(in_order: bool) -> Volume {
        let nodes = BTreeMap::from([(ROOT, Content::Folder(Folder::default()))]);
        Volume { nodes, next: ROOT + 1, in_order, room: usize::MAX, is_read_only: false }
    }

    /// The node at a path below the root.
    pub(crate) fn find(&self, path: &Path) -> Option<Node> {
        path.iter().try_fold(ROOT, |folder, name| match self.nodes.get(&folder)? {
            Content::Folder(folder) => folder.names.get(name.to_str()?).copied(),
            Content::File(_) => None,
        })
    }

    pub(crate) fn content(&self, node: Node) -> Option<&Content> {
        self.nodes.get(&node)
    }

    pub(crate) fn file(&self, node: Node) -> Option<&File> {
        match self.nodes.get(&node)? {
            Content::File(file) => Some(file),
            Content::Folder(_) => None,
        }
    }

    pub(crate) fn file_mut(&mut self, node: Node) -> Option<&mut File> {
        match self.nodes.get_mut(&node)? {
            Content::File(file) => Some(file),
            Content::Folder(_) => None,
        }
    }

    pub(crate) fn folder(&self, path: &Path) -> Option<&Folder> {
        match self.nodes.get(&self.find(path)?)? {
            Content::Folder(folder) => Some(folder),
            Content::File(_) => None,
        }
    }

    fn folder_mut(&mut self, path: &Path) -> Option<&mut Folder> {
        let node = self.find(path)?;
        match self.nodes.get_mut(&node)? {
            Content::Folder(folder) => Some(folder),
            Content::File(_) => None,
        }
    }

    /// Makes a file or a folder in a folder that is there.
    pub(crate) fn make(&mut self, path: &Path, content: Content) -> Option<Node> {
        let node = self.next;
        let name = path.file_name()?.to_str()?.to_owned();
        let folder = self.folder_mut(path.parent()?)?;
        folder.names.insert(name.clone(), node);
        folder.pending.push(Change::Put(name, node));
        self.next += 1;
        self.nodes.insert(node, content);
        Some(node)
    }

    pub(crate) fn take(&mut self, path: &Path) -> Option<()> {
        let name = path.file_name()?.to_str()?.to_owned();
        let folder = self.folder_mut(path.parent()?)?;
        folder.names.remove(&name)?;
        folder.pending.push(Change::Take(name));
        Some(())
    }

    pub(crate) fn rename(&mut self, from: &Path, to: &Path) -> Option<()> {
        let (old, new) = (from.file_name()?.to_str()?.to_owned(), to.file_name()?.to_str()?.to_owned());
        let in_order = self.in_order;
        let folder = self.folder_mut(from.parent()?)?;
        let node = folder.names.remove(&old)?;
        folder.names.insert(new.clone(), node);
        if in_order {
            folder.pending.push(Change::Move { from: old, to: new, node });
        } else {
            folder.pending.extend([Change::Put(new, node), Change::Take(old)]);
        }
        Some(())
    }

    /// Flushes one node.
    pub(crate) fn flush(&mut self, node: Node) {
        match self.nodes.get_mut(&node) {
            Some(Content::File(file)) => file.flush(),
            Some(Content::Folder(folder)) => {
                folder.pending.clear();
                folder.flushed = folder.names.clone();
            }
            None => {}
        }
    }

    pub(crate) fn flush_failed(&mut self, node: Node) {
        if let Some(file) = self.file_mut(node) {
            file.forget_pending();
        }
    }

    /// As a clean end leaves it.
    pub(crate) fn flush_all(&mut self) {
        let nodes: Vec<Node> = self.nodes.keys().copied().collect();
        nodes.into_iter().for_each(|node| self.flush(node));
    }

    /// What was flushed, and some of the rest.
    pub(crate) fn power_cut(&mut self, dice: &mut Dice) {
        for content in self.nodes.values_mut() {
            match content {
                Content::File(file) => file.power_cut(dice),
                Content::Folder(folder) => folder.power_cut(self.in_order, dice),
            }
        }
        self.drop_nameless();
    }

    /// Files that have no name any more, once nothing holds them open.
    pub(crate) fn drop_nameless(&mut self) {
        let mut named: Vec<Node> = vec![ROOT];
        let mut at = 0;
        while at < named.len() {
            if let Some(Content::Folder(folder)) = self.nodes.get(&named[at]) {
                // A name that a power cut might bring back counts.
                named.extend(folder.names.values().chain(folder.flushed.values()));
            }
            at += 1;
        }
        named.sort_unstable();
        self.nodes.retain(|node, _| named.binary_search(node).is_ok());
    }

    pub(crate) fn used(&self) -> usize {
        self.nodes
            .values()
            .map(|content| if let Content::File(file) = content { file.bytes.len() } else { 0 })
            .sum()
    }

    /// A bit turns over in some file; which, if any did.
    pub(crate) fn rot(&mut self, dice: &mut Dice) -> Option<Node> {
        let files: Vec<Node> = self.nodes.keys().copied().filter(|node| self.file(*node).is_some()).collect();
        if files.is_empty() {
            return None;
        }
        let node = files[dice.below(files.len())];
        self.file_mut(node)?.rot(dice).then_some(node)
    }
}
