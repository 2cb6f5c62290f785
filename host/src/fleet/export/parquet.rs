//! A partitioned Parquet data set for each table: `sessions/site=north/month=2026-11/part-0.parquet`, as DuckDB, pandas
//! and Spark read it. The partitions' columns stand in the folders' names.

use super::{ExportError, Kind, TABLES, Table};
use crate::fleet::store::{Store, hex};
use parquet::basic::{Compression, LogicalType, Repetition, Type as Physical};
use parquet::data_type::{ByteArray, ByteArrayType, Int32Type, Int64Type};
use parquet::file::properties::WriterProperties;
use parquet::file::writer::{SerializedFileWriter, SerializedRowGroupWriter};
use parquet::schema::types::{Type, TypePtr};
use rusqlite::types::ValueRef;
use std::collections::HashMap;
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Rows that wait for a row group of their partition, of all partitions of a thread: 60 MB at most.
const MOST_WAITING: usize = 600_000;
/// Files that a thread has open: half of what systems usually allow to a program, over the threads of a laptop.
const MOST_OPEN: usize = 60;

/// As the store has them.
type SiteAndMonth = (Vec<u8>, Vec<u8>);

/// Site and month of each record.
struct Partitions {
    names: Vec<PathBuf>,
    /// Of each record's number, an index into `names`.
    of: Vec<u32>,
}

/// Makes the folder and writes the data sets on all cores; returns how many sessions there are. Every thread reads by itself.
///
/// # Errors
/// When the store or the folder does not answer.
pub fn write(store: &Path, folder: &Path) -> Result<u64, ExportError> {
    fs::create_dir_all(folder)?;
    let open = || Store::read(store).map_err(|refusal| std::io::Error::other(refusal.to_string()));
    let (partitions, sessions) = Partitions::of(&open()?)?;
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    let each = partitions.of.len().div_ceil(threads).max(1);
    std::thread::scope(|scope| {
        let parts: Vec<_> = (0..threads)
            .map(|part| {
                let (partitions, open) = (&partitions, &open);
                scope.spawn(move || -> Result<(), ExportError> {
                    let (from, to) = ((part * each) as i64, ((part + 1) * each) as i64);
                    let store = open()?;
                    TABLES.iter().try_for_each(|table| {
                        write_table(&store, table, partitions, folder, part, [from, to])
                    })
                })
            })
            .collect();
        for part in parts {
            part.join().map_err(|_| std::io::Error::other("a writer failed"))??;
        }
        Ok(sessions)
    })
}

impl Partitions {
    fn of(store: &Store) -> rusqlite::Result<(Partitions, u64)> {
        let most: i64 =
            store
                .connection()
                .query_row("SELECT COALESCE(MAX(record), 0) FROM sessions", [], |row| row.get(0))?;
        let mut partitions =
            Partitions { names: Vec::new(), of: vec![0; usize::try_from(most).unwrap_or(0) + 1] };
        let mut known: HashMap<SiteAndMonth, u32> = HashMap::new();
        let mut statement = store.connection().prepare("SELECT record, site, month FROM sessions")?;
        let mut rows = statement.query([])?;
        let mut sessions = 0;
        let mut last: Option<(SiteAndMonth, u32)> = None;
        while let Some(row) = rows.next()? {
            let (site, month) = (row.get_ref(1)?.as_bytes()?, row.get_ref(2)?.as_bytes()?);
            let number = match &last {
                Some(((a, b), number)) if a == site && b == month => *number,
                _ => {
                    let key = (site.to_vec(), month.to_vec());
                    let next = u32::try_from(partitions.names.len()).unwrap_or(u32::MAX);
                    let number = *known.entry(key.clone()).or_insert(next);
                    if number == next {
                        let [site, month] = [site, month].map(String::from_utf8_lossy);
                        partitions
                            .names
                            .push(Path::new(&format!("site={site}")).join(format!("month={month}")));
                    }
                    last = Some((key, number));
                    number
                }
            };
            partitions.of[row.get::<_, usize>(0)?] = number;
            sessions += 1;
        }
        Ok((partitions, sessions))
    }
}

fn write_table(
    store: &Store,
    table: &Table,
    partitions: &Partitions,
    folder: &Path,
    part: usize,
    records: [i64; 2],
) -> Result<(), ExportError> {
    let mut writer = Writer::new(table, folder.join(table.name), part, partitions)?;
    let mut statement = store.connection().prepare(&table.sql())?;
    let mut rows = statement.query(records)?;
    while let Some(row) = rows.next()? {
        let partition = partitions.of[row.get::<_, usize>(0)?] as usize;
        writer.put(partition, row)?;
    }
    writer.finish()
}

/// A table's files, one for each partition that it has rows of.
struct Writer<'a> {
    folder: PathBuf,
    part: usize,
    partitions: &'a Partitions,
    schema: TypePtr,
    properties: Arc<WriterProperties>,
    /// Columns of the store that are columns of the files.
    kept: Vec<(usize, Kind)>,
    waiting: Vec<Option<Vec<Buffer>>>,
    waiting_rows: Vec<usize>,
    all_waiting: usize,
    files: HashMap<usize, SerializedFileWriter<File>>,
    /// Files begun: each has a name of its own.
    begun: usize,
    words: HashMap<Vec<u8>, ByteArray>,
}

impl<'a> Writer<'a> {
    fn new(
        table: &Table,
        folder: PathBuf,
        part: usize,
        partitions: &'a Partitions,
    ) -> Result<Writer<'a>, ExportError> {
        let columns =
            table.columns.iter().enumerate().filter(|(_, (name, _))| !["site", "month"].contains(name));
        let kept: Vec<(usize, Kind)> = columns.clone().map(|(index, (_, kind))| (index, *kind)).collect();
        let fields = columns.map(|(_, (name, kind))| field(name, *kind)).collect::<Result<Vec<_>, _>>()?;
        let schema = Arc::new(Type::group_type_builder(table.name).with_fields(fields).build()?);
        let properties = WriterProperties::builder().set_compression(Compression::SNAPPY).build();
        let count = partitions.names.len();
        Ok(Writer {
            folder,
            part,
            partitions,
            schema,
            properties: Arc::new(properties),
            kept,
            waiting: (0..count).map(|_| None).collect(),
            waiting_rows: vec![0; count],
            all_waiting: 0,
            files: HashMap::new(),
            begun: 0,
            words: HashMap::new(),
        })
    }

    fn put(&mut self, partition: usize, row: &rusqlite::Row) -> Result<(), ExportError> {
        let kept = &self.kept;
        let buffers =
            self.waiting[partition].get_or_insert_with(|| kept.iter().map(|it| Buffer::of(it.1)).collect());
        for ((column, _), buffer) in kept.iter().zip(buffers) {
            buffer.push(row.get_ref(*column)?, &mut self.words);
        }
        self.waiting_rows[partition] += 1;
        self.all_waiting += 1;
        if self.all_waiting >= MOST_WAITING {
            let fullest = (0..self.waiting_rows.len()).max_by_key(|index| self.waiting_rows[*index]);
            fullest.map_or(Ok(()), |fullest| self.flush(fullest))?;
        }
        Ok(())
    }

    fn flush(&mut self, partition: usize) -> Result<(), ExportError> {
        let Some(buffers) = self.waiting[partition].take() else { return Ok(()) };
        self.all_waiting -= std::mem::take(&mut self.waiting_rows[partition]);
        if self.files.len() >= MOST_OPEN && !self.files.contains_key(&partition) {
            self.close()?;
        }
        if !self.files.contains_key(&partition) {
            let folder = self.folder.join(&self.partitions.names[partition]);
            fs::create_dir_all(&folder)?;
            let file = File::create_new(folder.join(format!("part-{}-{}.parquet", self.part, self.begun)))?;
            self.begun += 1;
            let writer =
                SerializedFileWriter::new(file, Arc::clone(&self.schema), Arc::clone(&self.properties))?;
            self.files.insert(partition, writer);
        }
        if let Some(file) = self.files.get_mut(&partition) {
            let mut group = file.next_row_group()?;
            for buffer in buffers {
                buffer.write(&mut group)?;
            }
            group.close()?;
        }
        Ok(())
    }

    fn close(&mut self) -> Result<(), ExportError> {
        for (_, file) in self.files.drain() {
            file.close()?;
        }
        Ok(())
    }

    fn finish(mut self) -> Result<(), ExportError> {
        for partition in 0..self.waiting.len() {
            self.flush(partition)?;
        }
        self.close()
    }
}

fn field(name: &str, kind: Kind) -> Result<TypePtr, parquet::errors::ParquetError> {
    let (physical, repetition) = match kind {
        Kind::Record => (Physical::INT64, Repetition::REQUIRED),
        Kind::Number => (Physical::INT32, Repetition::OPTIONAL),
        Kind::Word | Kind::SessionId => (Physical::BYTE_ARRAY, Repetition::OPTIONAL),
    };
    let logical = (physical == Physical::BYTE_ARRAY).then_some(LogicalType::String);
    let builder = Type::primitive_type_builder(name, physical).with_repetition(repetition);
    Ok(Arc::new(builder.with_logical_type(logical).build()?))
}

/// A column of rows that wait; the second of a pair says of each row whether it has a value (1) or not (0).
enum Buffer {
    Record(Vec<i64>),
    Number(Vec<i32>, Vec<i16>),
    Word(Vec<ByteArray>, Vec<i16>),
}

impl Buffer {
    fn of(kind: Kind) -> Buffer {
        match kind {
            Kind::Record => Buffer::Record(Vec::new()),
            Kind::Number => Buffer::Number(Vec::new(), Vec::new()),
            Kind::Word | Kind::SessionId => Buffer::Word(Vec::new(), Vec::new()),
        }
    }

    /// `words` keeps one copy of each text that comes again and again.
    fn push(&mut self, value: ValueRef, words: &mut HashMap<Vec<u8>, ByteArray>) {
        match (self, value) {
            (Buffer::Record(values), ValueRef::Integer(number)) => values.push(number),
            (Buffer::Record(values), _) => values.push(0),
            (Buffer::Number(values, has), ValueRef::Integer(number)) => {
                values.push(i32::try_from(number).unwrap_or(i32::MAX));
                has.push(1);
            }
            (Buffer::Word(values, has), ValueRef::Text(text)) => {
                match words.get(text) {
                    Some(word) => values.push(word.clone()),
                    None => {
                        let word = ByteArray::from(text.to_vec());
                        words.insert(text.to_vec(), word.clone());
                        values.push(word);
                    }
                }
                has.push(1);
            }
            (Buffer::Word(values, has), ValueRef::Blob(bytes)) => {
                values.push(ByteArray::from(hex(bytes).into_bytes()));
                has.push(1);
            }
            (Buffer::Number(_, has) | Buffer::Word(_, has), _) => has.push(0),
        }
    }

    fn write(self, group: &mut SerializedRowGroupWriter<File>) -> Result<(), ExportError> {
        let Some(mut column) = group.next_column()? else { return Ok(()) };
        match self {
            Buffer::Record(values) => column.typed::<Int64Type>().write_batch(&values, None, None)?,
            Buffer::Number(values, has) => {
                column.typed::<Int32Type>().write_batch(&values, Some(&has), None)?
            }
            Buffer::Word(values, has) => {
                column.typed::<ByteArrayType>().write_batch(&values, Some(&has), None)?
            }
        };
        Ok(column.close()?)
    }
}
