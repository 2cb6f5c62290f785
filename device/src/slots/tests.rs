use super::{fake_shelf::FakeShelf, fake_shelf::STEPS_OF_A_WRITE, kit, *};
use std::sync::LazyLock;

static V3: LazyLock<Vec<u8>> = LazyLock::new(|| kit::version(3));
static V4: LazyLock<Vec<u8>> = LazyLock::new(|| kit::version(4));
static V5: LazyLock<Vec<u8>> = LazyLock::new(|| kit::version(5));

fn keys() -> TrustedKeys {
    TrustedKeys::demo()
}

fn offer(shelf: &FakeShelf, bytes: &[u8]) -> Result<Installed, InstallError> {
    let candidate = check(bytes.to_vec(), &keys())?;
    Slots::on(shelf.clone()).install(&candidate, &keys())
}

/// Version, slot, and whether it is a fallback.
type Working = Option<(u32, Slot, bool)>;

/// The model at work, the slots that were refused, and whether those were set aside.
fn load(shelf: &FakeShelf) -> (Working, Vec<(Slot, bool)>) {
    let Load { model, refused } = Slots::on(shelf.clone()).load(&keys());
    let model = model.map(|model| (model.bundle.manifest().version, model.slot, model.fallback.is_some()));
    (model, refused.into_iter().map(|refused| (refused.slot, refused.set_aside)).collect())
}

fn flipped(bytes: &[u8]) -> Vec<u8> {
    let mut bytes = bytes.to_vec();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    bytes
}

#[test]
fn models_take_turns_in_the_slots() {
    let shelf = FakeShelf::default();
    assert_eq!(load(&shelf), (None, vec![]));
    for (bytes, version, slot) in [(&*V3, 3, Slot::A), (&*V4, 4, Slot::B), (&*V5, 5, Slot::A)] {
        let new = Installed::New { slot, name: "synkiosk".to_owned(), version };
        assert_eq!(offer(&shelf, bytes).unwrap(), new);
        assert_eq!(load(&shelf), (Some((version, slot, false)), vec![]));
        let writes = shelf.writes();
        assert_eq!(offer(&shelf, bytes).unwrap(), Installed::AlreadyThere { version });
        assert_eq!(shelf.writes(), writes, "what is there already is written again");
        shelf.guard(slot.file());
    }
}

#[test]
fn a_lower_version_never_comes_back() {
    let shelf = FakeShelf::default();
    offer(&shelf, &V3).unwrap();
    offer(&shelf, &V5).unwrap();
    let refused = |version| Err::<Installed, _>((version, 5));
    let older = |bytes: &[u8]| match offer(&shelf, bytes) {
        Err(InstallError::Older { version, highest }) => Err((version, highest)),
        other => panic!("{other:?}"),
    };
    assert_eq!(older(&V3), refused(3));
    assert_eq!(older(&V4), refused(4));
    let twin = kit::with_name("twin", 3);
    let twin_shelf = FakeShelf::default();
    offer(&twin_shelf, &V3).unwrap();
    assert!(matches!(offer(&twin_shelf, &twin), Err(InstallError::SameVersion(3))));
    // Not even where both slots are empty.
    shelf.remove("a.bundle");
    shelf.remove("b.bundle");
    assert_eq!(load(&shelf), (None, vec![]));
    assert_eq!(older(&V4), refused(4));
    // The one that was lost is no step back.
    assert!(matches!(offer(&shelf, &V5).unwrap(), Installed::New { version: 5, .. }));
}

#[test]
fn a_model_that_came_with_the_card_sets_the_counter() {
    let shelf = FakeShelf::default();
    shelf.plant("b.bundle", &V4);
    assert_eq!(load(&shelf), (Some((4, Slot::B, false)), vec![]));
    shelf.remove("b.bundle");
    assert!(matches!(offer(&shelf, &V3), Err(InstallError::Older { version: 3, highest: 4 })));
}

#[test]
fn one_flipped_bit_falls_back_to_the_other_slot() {
    let shelf = FakeShelf::default();
    offer(&shelf, &V3).unwrap();
    offer(&shelf, &V4).unwrap();
    shelf.plant("b.bundle", &flipped(&V4));
    assert_eq!(load(&shelf), (Some((3, Slot::A, true)), vec![(Slot::B, true)]));
    assert_eq!(shelf.set_aside_files(), ["b.bundle"]);
    // It is still said at the next start, when nothing is in the slot any more.
    let Load { model, refused } = Slots::on(shelf.clone()).load(&keys());
    assert_eq!(
        model.unwrap().fallback.unwrap().why,
        "version 3 is at work instead of 4: it is not there any more"
    );
    assert!(refused.is_empty());
    shelf.guard("a.bundle");
    assert!(matches!(offer(&shelf, &V4).unwrap(), Installed::New { slot: Slot::B, version: 4, .. }));
    assert_eq!(load(&shelf), (Some((4, Slot::B, false)), vec![]));
}

#[test]
fn a_damaged_older_model_is_reported_and_is_no_fallback() {
    let shelf = FakeShelf::default();
    offer(&shelf, &V3).unwrap();
    offer(&shelf, &V4).unwrap();
    shelf.plant("a.bundle", &flipped(&V3));
    assert_eq!(load(&shelf), (Some((4, Slot::B, false)), vec![(Slot::A, true)]));
}

/// A card that fails now may give it at the next start: nothing is put in the place of what cannot be read.
#[test]
fn what_cannot_be_read_now_is_no_less_for_it() {
    let shelf = FakeShelf::default();
    offer(&shelf, &V3).unwrap();
    offer(&shelf, &V5).unwrap();
    let (highest, newest) = (shelf.bytes("highest.json").unwrap(), shelf.bytes("b.bundle").unwrap());
    shelf.break_file("highest.json");
    shelf.break_file("b.bundle");
    assert_eq!(load(&shelf), (Some((3, Slot::A, true)), vec![(Slot::B, false)]));
    assert!(matches!(offer(&shelf, &V4), Err(InstallError::Counter(_))));
    assert_eq!(shelf.bytes("highest.json").unwrap(), highest);
    // A counter that could not be raised in time does not say that nothing newer is there.
    shelf.plant("highest.json", br#"{"version":3,"sha256":""}"#);
    shelf.mend();
    shelf.break_file("b.bundle");
    assert_eq!(load(&shelf), (Some((3, Slot::A, true)), vec![(Slot::B, false)]));
    // The counter was lost as well, and the slot alone knows.
    shelf.remove("highest.json");
    shelf.plant("a.bundle", b"");
    assert!(matches!(offer(&shelf, &V4), Err(InstallError::Counter(_))));
    shelf.plant("b.bundle", &newest);
    shelf.mend();
    assert!(matches!(offer(&shelf, &V4), Err(InstallError::Older { version: 4, highest: 5 })));
}

#[test]
fn without_a_counter_a_damaged_slot_may_have_been_the_newer() {
    let shelf = FakeShelf::default();
    shelf.plant("a.bundle", &V3);
    shelf.plant("b.bundle", b"");
    assert_eq!(load(&shelf), (Some((3, Slot::A, true)), vec![(Slot::B, true)]));
}

#[test]
fn golden_vectors_decide_and_destroy_nothing() {
    let shelf = FakeShelf::default();
    offer(&shelf, &V3).unwrap();
    let wrong = kit::with_wrong_golden(9);
    let refused = offer(&shelf, &wrong).unwrap_err();
    assert!(matches!(refused, InstallError::Refused(SlotError::Bundle(BundleError::GoldenSum { .. }))));
    assert_eq!(shelf.bytes("b.bundle"), None);
    // One that passed where it was installed, and fails on this processor.
    shelf.plant("b.bundle", &wrong);
    assert_eq!(load(&shelf), (Some((3, Slot::A, true)), vec![(Slot::B, false)]));
    assert_eq!(shelf.bytes("b.bundle"), Some(wrong));
    // The next model goes into that slot.
    shelf.guard("a.bundle");
    offer(&shelf, &V4).unwrap();
    assert_eq!(load(&shelf), (Some((4, Slot::B, false)), vec![]));
}

#[test]
fn what_may_be_needed_yet_is_not_set_aside() {
    let shelf = FakeShelf::default();
    shelf.plant("a.bundle", &V3);
    let foreign = TrustedKeys::from_public_texts(&[
        "untrusted comment: another\nRWQf6LRCGA9i53mlYecO4IzT51TGPpvWucNSCh1CBM0QTaLn73Y7GFO3",
    ])
    .unwrap();
    let Load { model, refused } = Slots::on(shelf.clone()).load(&foreign);
    assert!(model.is_none());
    assert!(!refused[0].set_aside, "{:?}", refused[0]);
    assert!(shelf.bytes("a.bundle").is_some());
}

#[test]
fn what_was_changed_is_never_installed() {
    let shelf = FakeShelf::default();
    for (bytes, why) in [
        (Vec::new(), "the file is no bundle"),
        (V3[..V3.len() - 1].to_vec(), "the file is no bundle"),
        (flipped(&V3), "is not the one that was signed"),
        (kit::with_name(&"long".repeat(10), 5), "its name cannot stand in a record"),
    ] {
        let error = offer(&shelf, &bytes).unwrap_err();
        assert!(error.to_string().contains(why), "{error}");
        assert!(!error.help().is_empty());
    }
    assert_eq!(shelf.writes(), 0);
}

#[test]
fn a_full_card_costs_nothing() {
    let shelf = FakeShelf::default();
    offer(&shelf, &V3).unwrap();
    shelf.set_full(true);
    let error = offer(&shelf, &V4).unwrap_err();
    assert!(error.help().contains("makes room"), "{error}");
    assert_eq!(load(&shelf), (Some((3, Slot::A, false)), vec![]));
    shelf.set_full(false);
    offer(&shelf, &V4).unwrap();
}

/// The power is cut at every step of an update: the model is the old one or the new one, and the update can be done again.
#[test]
fn a_power_cut_at_any_step_leaves_the_old_model_or_the_new() {
    let mut outcomes = Vec::new();
    for steps in 0..=2 * STEPS_OF_A_WRITE {
        let shelf = FakeShelf::default();
        offer(&shelf, &V3).unwrap();
        shelf.guard("a.bundle");
        shelf.cut_after(steps);
        let acknowledged = offer(&shelf, &V4).is_ok();
        let shelf = shelf.restarted();
        let (Some((version, _, fallback)), refused) = load(&shelf) else { panic!("no model after {steps}") };
        assert!(refused.is_empty() && !fallback, "after {steps}");
        assert!(version == 4 || version == 3 && !acknowledged, "version {version} after {steps}");
        outcomes.push(version);
        assert!(matches!(
            offer(&shelf, &V4).unwrap(),
            Installed::New { version: 4, .. } | Installed::AlreadyThere { version: 4 }
        ));
        assert_eq!(load(&shelf), (Some((4, Slot::B, false)), vec![]));
        assert!(matches!(offer(&shelf, &V3), Err(InstallError::Older { .. })));
    }
    assert!(outcomes.contains(&3) && outcomes.contains(&4));
    assert!(outcomes.is_sorted(), "{outcomes:?}");
}

#[test]
fn a_folder_holds_models_across_starts() {
    let root = tempfile::tempdir().unwrap();
    let models = root.path().join("models");
    let candidate = check(V3.clone(), &keys()).unwrap();
    Slots::open(&models).unwrap().install(&candidate, &keys()).unwrap();
    let Load { model, refused } = Slots::open(&models).unwrap().load(&keys());
    assert_eq!(model.unwrap().bundle.manifest().version, 3);
    assert!(refused.is_empty());
    std::fs::write(models.join("a.bundle"), flipped(&V3)).unwrap();
    let Load { model, refused } = Slots::open(&models).unwrap().load(&keys());
    assert!(model.is_none() && refused[0].set_aside);
    assert!(models.join("a.bundle.damaged").is_file());
}
