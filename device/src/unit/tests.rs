use super::{
    keys::{Rotated, RotationError},
    kit::{Signed, Signer, named, with},
    settings::{Fate, SettingsError},
    *,
};
use crate::slots::fake_shelf::{FakeShelf, STEPS_OF_A_WRITE};
use std::sync::LazyLock;
use synkiosk_models::bundle::SignatureError;

static A: LazyLock<Signer> = LazyLock::new(Signer::new);
static B: LazyLock<Signer> = LazyLock::new(Signer::new);
static C: LazyLock<Signer> = LazyLock::new(Signer::new);
const RECIPIENT: &str = "age1ql3z7hjy54pw3hyww5ayyfg7zqgvc7w3j2elw8zmrj2kg5sfn9aqmcac8p";

/// A unit whose card came with key A.
fn unit(shelf: &FakeShelf) -> Unit<FakeShelf> {
    let origin = Origin { keys: vec![A.public()], accepts_demo: false };
    Unit::on(shelf.clone(), origin, "rpi4-hdmi")
}

fn kept(signed: Signed) -> Kept {
    let keys = [&A, &B, &C].map(|key| key.public());
    let keys: Vec<&str> = keys.iter().map(String::as_str).collect();
    Kept::check(signed.0, signed.1, &synkiosk_models::bundle::TrustedKeys::from_public_texts(&keys).unwrap())
        .unwrap()
}

/// Takes a rotation as the inbox does: checked first, then kept.
fn rotate(unit: &mut Unit<FakeShelf>, signed: &Signed) -> Result<Rotated, RotationError> {
    let mut keys = unit.keys().clone();
    let rotated = keys.rotate(&signed.0, &signed.1)?;
    // Whether it could be kept is seen by whoever opens the unit again.
    let _ = unit.keep_keys(keys);
    Ok(rotated)
}

fn trusted(unit: &Unit<FakeShelf>) -> Vec<String> {
    unit.keys().trusted().names().map(|key| key.id.clone()).collect()
}

#[test]
fn a_name_is_made_up_once_and_replaced_by_the_settings() {
    let shelf = FakeShelf::default();
    let name = unit(&shelf).name().to_owned();
    assert!(name.len() == 13 && name.starts_with("unit-"), "{name}");
    assert_eq!(unit(&shelf).name(), name);
    let mut told = unit(&shelf);
    let settings = with(named("ward-3", 1), |settings| {
        settings.site = Some("north".into());
        settings.renames = Some("ward-2".into());
    });
    told.keep_settings(kept(A.settings(&settings))).unwrap();
    let again = unit(&shelf);
    assert_eq!((again.name(), told.name()), ("ward-3", "ward-3"));
    assert!([name.as_str(), "ward-2", "ward-3"].iter().all(|name| again.is_called(name)));
    assert!(!again.is_called("ward-4"));
    let file = again.file(7, None);
    assert_eq!(
        (file.site.as_deref(), file.board.as_deref(), file.dropped),
        (Some("north"), Some("rpi4-hdmi"), 7)
    );
    let other = unit(&FakeShelf::default());
    assert_ne!(other.name(), name);
}

#[test]
fn a_name_that_cannot_be_kept_or_read_is_reported() {
    let shelf = FakeShelf::default();
    shelf.set_full(true);
    let mut first = unit(&shelf);
    assert!(first.take_complaints()[0].message.starts_with("could not keep the unit's name"));
    shelf.set_full(false);
    for damage in [&b""[..], b"ward 3\n", b"ward-3", b"\xff\n"] {
        shelf.plant(NAME, damage);
        let mut again = unit(&shelf);
        let complaints = again.take_complaints();
        assert_eq!(
            complaints[0].message,
            "the unit's name cannot be believed any more; the file is set aside"
        );
        assert!(again.name().starts_with("unit-"));
        assert!(unit(&shelf).take_complaints().is_empty(), "said twice");
    }
    shelf.break_file(NAME);
    assert!(unit(&shelf).take_complaints()[0].message.starts_with("could not read the unit's name"));
}

/// A card that fails now may give it at the next start: until then nothing is believed, and nothing put in its place.
#[test]
fn what_cannot_be_read_now_is_no_less_for_it() {
    let shelf = FakeShelf::default();
    let mut first = unit(&shelf);
    let name = first.name().to_owned();
    let slip_key = first.slip_key().unwrap().public();
    rotate(&mut first, &A.rotation_to(&B)).unwrap();
    first.keep_settings(kept(B.settings(&named("ward-3", 9)))).unwrap();
    for file in [NAME, KEYS, SLIP_KEY, SETTINGS] {
        let bytes = shelf.bytes(file).unwrap();
        shelf.break_file(file);
        let mut failing = unit(&shelf);
        assert!(failing.take_complaints()[0].message.starts_with("could not read the unit's"), "{file}");
        assert!(file != KEYS || trusted(&failing).is_empty(), "a replaced key counts");
        let older = failing.keep_settings(kept(B.settings(&named("ward-3", 8))));
        assert_eq!(older.is_err(), [KEYS, SETTINGS].contains(&file), "{file}");
        let mut keys = failing.keys().clone();
        keys.rotate(&A.rotation_to(&C).0, &A.rotation_to(&C).1)
            .unwrap_or(Rotated { old: A.id(), already: true });
        assert_eq!(failing.keep_keys(keys).is_err(), file == KEYS);
        assert_eq!(shelf.bytes(file).unwrap(), bytes, "{file} was written over");
        shelf.mend();
        let mut sound = unit(&shelf);
        sound.keep_settings(kept(B.settings(&named("ward-3", 9)))).unwrap();
        assert!(sound.take_complaints().is_empty());
        assert_eq!((trusted(&sound), sound.slip_key().unwrap().public()), (vec![B.id()], slip_key));
        assert!(sound.is_called(&name), "{file}");
    }
}

#[test]
fn a_slip_key_is_drawn_once_and_its_public_half_told() {
    let shelf = FakeShelf::default();
    let first = unit(&shelf);
    let public = first.slip_key().unwrap().public();
    assert_eq!(unit(&shelf).slip_key().unwrap().public(), public);
    assert_eq!(first.file(0, None).slip_key, Some(public.to_string()));
    assert_ne!(unit(&FakeShelf::default()).slip_key().unwrap().public(), public);
}

#[test]
fn the_secret_half_of_a_slip_key_is_never_shown() {
    let folder = tempfile::tempdir().unwrap();
    let shelf = crate::slots::shelf::Folder::open(folder.path()).unwrap();
    let shown = format!("{:?}", Unit::on(shelf, Origin::default(), "rpi4-hdmi"));
    let kept = std::fs::read(folder.path().join(SLIP_KEY)).unwrap();
    for run in kept[..32].windows(4) {
        let digits: String = run.iter().map(|byte| format!("{byte:02x}")).collect();
        let numbers = run.iter().map(u8::to_string).collect::<Vec<_>>().join(", ");
        assert!(!shown.contains(&digits) && !shown.contains(&numbers), "the secret half is shown");
    }
}

#[test]
fn a_slip_key_that_was_damaged_is_replaced_and_told_once() {
    let shelf = FakeShelf::default();
    unit(&shelf);
    let sound = shelf.bytes(SLIP_KEY).unwrap();
    let mut flipped = sound.clone();
    flipped[5] ^= 1;
    for damage in [&b""[..], &sound[..63], &flipped, &[0; 64], &[&sound[..], b"\n"].concat()] {
        shelf.plant(SLIP_KEY, damage);
        let mut again = unit(&shelf);
        let complaints = again.take_complaints();
        assert_eq!(
            complaints[0].message,
            "the unit's slip-key cannot be believed any more; the file is set aside"
        );
        assert!(complaints[0].help.contains("a new key") && complaints.len() == 1);
        assert_ne!(shelf.bytes(SLIP_KEY).unwrap()[..32], sound[..32]);
        assert!(unit(&shelf).take_complaints().is_empty(), "said twice");
    }
}

/// A slip with a key that nobody can look up later would be worth nothing.
#[test]
fn a_slip_key_that_cannot_be_kept_signs_nothing() {
    let shelf = FakeShelf::default();
    shelf.set_full(true);
    let mut full = unit(&shelf);
    assert!(full.slip_key().is_none() && full.file(0, None).slip_key.is_none());
    let said: Vec<String> = full.take_complaints().into_iter().map(|it| it.message).collect();
    assert!(said.iter().any(|line| line.starts_with("could not keep the unit's slip key")), "{said:?}");
    shelf.set_full(false);
    assert!(unit(&shelf).slip_key().is_some());
}

#[test]
fn a_power_cut_at_the_first_start_leaves_a_whole_slip_key_or_none() {
    for steps in 0..=2 * STEPS_OF_A_WRITE {
        let shelf = FakeShelf::default();
        shelf.cut_after(steps);
        let signed_before = unit(&shelf).slip_key().map(|key| key.public());
        let mut again = unit(&shelf.restarted());
        assert!(again.take_complaints().is_empty(), "after {steps}");
        let key = again.slip_key().unwrap().public();
        assert!(signed_before.is_none_or(|before| before == key), "after {steps}: slips were signed in vain");
    }
}

#[test]
fn a_recipient_of_the_settings_goes_before_the_cards() {
    let shelf = FakeShelf::default();
    let mut told = unit(&shelf);
    told.recipient = Some(age::x25519::Identity::generate().to_public());
    let of_card = told.recipient().unwrap().to_string();
    told.keep_settings(kept(A.settings(&named("ward-3", 1)))).unwrap();
    assert_eq!(told.recipient().unwrap().to_string(), of_card);
    let settings = with(named("ward-3", 2), |settings| settings.recipient = Some(RECIPIENT.to_owned()));
    told.keep_settings(kept(A.settings(&settings))).unwrap();
    assert_eq!(told.recipient().unwrap().to_string(), RECIPIENT);
    // What only looks like one could not be sealed for.
    let damaged = RECIPIENT.replace("ql3z", "zl3q");
    let settings = with(named("ward-3", 3), |settings| settings.recipient = Some(damaged));
    let (text, signature) = A.settings(&settings);
    let refused = Kept::check(text, signature, &told.keys().trusted()).unwrap_err();
    assert!(matches!(refused, SettingsError::Recipient(_)), "{refused}");
}

#[test]
fn settings_that_were_changed_on_the_card_are_set_aside() {
    let shelf = FakeShelf::default();
    let mut told = unit(&shelf);
    told.keep_settings(kept(A.settings(&named("ward-3", 1)))).unwrap();
    let sound = shelf.bytes(SETTINGS).unwrap();
    for at in [0, 60, sound.len() / 2, sound.len() - 2] {
        let mut bytes = sound.clone();
        bytes[at] ^= 1;
        shelf.plant(SETTINGS, &bytes);
        let mut again = unit(&shelf);
        assert!(again.settings().is_none(), "byte {at}");
        let complaint = &again.take_complaints()[0];
        assert_eq!(
            complaint.message,
            "the unit's settings cannot be believed any more; the file is set aside"
        );
    }
    for text in [&b""[..], b"\n", b"\n\n\n\n\n", &sound[..100]] {
        shelf.plant(SETTINGS, text);
        assert!(unit(&shelf).settings().is_none());
    }
    // A key that the card does not know signed them.
    let foreign = kept(B.settings(&named("ward-3", 1)));
    shelf.plant(SETTINGS, &foreign.to_bytes());
    assert!(unit(&shelf).settings().is_none());
}

#[test]
fn which_settings_are_taken() {
    let renaming = |from: &str, unit, counter| {
        with(named(unit, counter), |settings| settings.renames = Some(from.to_owned()))
    };
    let shelf = FakeShelf::default();
    let made_up = unit(&shelf).name().to_owned();
    let fates = |told: Option<Settings>, offers: &[Settings]| -> Vec<String> {
        let told = told.map(|settings| kept(A.settings(&settings)));
        let standing = settings::Standing { made_up: &made_up, kept: told.as_ref() };
        let offers: Vec<Kept> = offers.iter().map(|offer| kept(A.settings(offer))).collect();
        let fates = standing.fates(&offers.iter().collect::<Vec<_>>());
        let said = |fate| match fate {
            Ok(Fate::Take) => "take".to_owned(),
            Ok(Fate::AlreadyThere) => "there".to_owned(),
            Ok(Fate::ForAnother(unit)) => format!("for {unit}"),
            Err(error) => format!("{error}"),
        };
        fates.into_iter().map(said).collect()
    };
    let (w3, w4) = (named("ward-3", 5), named("ward-4", 9));
    assert_eq!(fates(None, std::slice::from_ref(&w3)), ["take"]);
    let ambiguous = "there are settings for 2 units, and this one has no name yet";
    assert_eq!(fates(None, &[w3.clone(), w4.clone()]), [ambiguous, ambiguous]);
    assert_eq!(fates(None, &[renaming(&made_up, "ward-3", 1), w4.clone()]), ["take", "for ward-4"]);
    assert_eq!(
        fates(None, &[named("ward-3", 4), w3.clone()]),
        ["settings with counter 5 lie beside these, which have 4", "take"]
    );
    assert_eq!(fates(Some(w3.clone()), &[w3.clone(), w4.clone()]), ["there", "for ward-4"]);
    assert_eq!(fates(Some(w3.clone()), &[renaming("ward-3", "ward-9", 6)]), ["take"]);
    assert_eq!(
        fates(Some(w3.clone()), &[named("ward-3", 4)]),
        ["the settings have counter 4, and this unit has had 5"]
    );
    let other = with(w3.clone(), |settings| settings.site = Some("south".into()));
    assert_eq!(
        fates(Some(w3.clone()), std::slice::from_ref(&other)),
        ["there are other settings with counter 5"]
    );
    let twins = ["there are other settings with counter 5"; 2];
    assert_eq!(fates(None, &[w3.clone(), other]), twins);
    assert_eq!(fates(None, &[w3.clone(), w3]), ["take", "take"]);
}

#[test]
fn keys_take_each_others_place_one_after_the_other() {
    let shelf = FakeShelf::default();
    let mut told = unit(&shelf);
    let (ab, bc) = (A.rotation_to(&B), B.rotation_to(&C));
    let unknown = rotate(&mut told, &bc).unwrap_err();
    assert!(matches!(unknown, RotationError::Signature(SignatureError::Untrusted(_))), "{unknown}");
    assert_eq!(trusted(&told), [A.id()]);
    assert_eq!(rotate(&mut told, &ab), Ok(Rotated { old: A.id(), already: false }));
    assert_eq!(trusted(&unit(&shelf)), [B.id()]);
    let writes = shelf.writes();
    assert_eq!(rotate(&mut told, &ab), Ok(Rotated { old: A.id(), already: true }));
    assert_eq!((shelf.writes(), trusted(&told)), (writes, vec![B.id()]));
    rotate(&mut told, &bc).unwrap();
    assert_eq!(trusted(&unit(&shelf)), [C.id()]);
    // What was taken before is still read.
    assert_eq!(unit(&shelf).keys().known().names().count(), 3);
    assert!(told.keys().is_retired(&A.id()) && !told.keys().is_retired(&C.id()));
}

#[test]
fn settings_stay_when_their_key_is_replaced() {
    let shelf = FakeShelf::default();
    let mut told = unit(&shelf);
    told.keep_settings(kept(A.settings(&named("ward-3", 1)))).unwrap();
    rotate(&mut told, &A.rotation_to(&B)).unwrap();
    let mut again = unit(&shelf);
    assert_eq!(again.take_complaints(), []);
    assert_eq!(again.name(), "ward-3");
    let (text, signature) = A.settings(&named("ward-3", 2));
    let refused = Kept::check(text, signature, &again.keys().trusted()).unwrap_err();
    assert!(matches!(refused, SettingsError::Signature(SignatureError::Untrusted(_))), "{refused}");
}

#[test]
fn each_rotation_that_must_not_be_is_refused() {
    let both = || {
        let keys = vec![A.public(), B.public()];
        Keys::new(Origin { keys, accepts_demo: false }, Vec::new())
    };
    let refused = |mut keys: Keys, (text, signature): Signed| {
        let before = keys.steps().to_vec();
        let error = keys.rotate(&text, &signature).unwrap_err();
        assert_eq!(keys.steps(), before);
        assert!(!error.help().is_empty());
        error.to_string()
    };
    let of_a_to_c = String::from_utf8(A.rotation_to(&C).0).unwrap();
    assert!(refused(both(), B.sign(&of_a_to_c)).starts_with("it retires key"));
    let (text, mut signature) = A.rotation_to(&C);
    assert!(refused(both(), B.sign("format = \"settings-1\"")).contains("this program reads \"rotation-1\""));
    assert!(refused(both(), (b"something else".to_vec(), signature.clone())).contains("does not fit"));
    signature.truncate(20);
    assert!(refused(both(), (text, signature)).contains("damaged"));
    let mut keys = both();
    let (text, signature) = A.rotation_to(&C);
    keys.rotate(&text, &signature).unwrap();
    assert!(refused(keys.clone(), A.rotation_to(&B)).contains("was replaced by another key before"));
    assert!(refused(keys.clone(), C.rotation_to(&A)).contains("was itself replaced before"));
    // Another key under the id of the retired one would be retired with it, and under that of another one be taken for it.
    let (b, c) = (B.line(), C.line());
    let id_of_b_key_of_c = with_id_of(&b, &c);
    let rotation = synkiosk_boards::unit::rotation::Rotation::new(&A.id(), &id_of_b_key_of_c).unwrap();
    assert!(refused(both(), A.sign(&rotation.to_text())).contains("of another key"));
    let rotation = synkiosk_boards::unit::rotation::Rotation::new(&A.id(), &A.line()).unwrap();
    assert!(refused(both(), A.sign(&rotation.to_text())).contains("of another key"));
}

/// The second line of a public key file with the id of one key and the bytes of another: 2 bytes `Ed`, 8 of the id.
fn with_id_of(id: &str, key: &str) -> String {
    // Ten bytes are thirteen digits and two bits of the next.
    let digits =
        |text: &str| text.bytes().map(|byte| BASE64.find(byte as char).unwrap() as u8).collect::<Vec<_>>();
    let (id, mut key) = (digits(id), digits(key));
    key[..13].copy_from_slice(&id[..13]);
    key[13] = id[13] & 0b11_0000 | key[13] & 0b1111;
    key.iter().map(|digit| BASE64.as_bytes()[*digit as usize] as char).collect()
}

const BASE64: &str = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

#[cfg(feature = "demo")]
#[test]
fn the_demo_key_is_rotated_only_where_it_counts() {
    use synkiosk_models::bundle::DEMO_PUBLIC_KEY;
    let keys = |accepts_demo| {
        let keys = vec![DEMO_PUBLIC_KEY.to_owned(), A.public()];
        Keys::new(Origin { keys, accepts_demo }, Vec::new())
    };
    let demo_id = synkiosk_models::bundle::TrustedKeys::demo().names().next().unwrap().id.clone();
    let demo_line = DEMO_PUBLIC_KEY.lines().nth(1).unwrap();
    let rotation =
        |old: &str, new: &str| synkiosk_boards::unit::rotation::Rotation::new(old, new).unwrap().to_text();
    let from_demo = crate::slots::kit::sign(&rotation(&demo_id, &B.line()));
    assert!(keys(false).rotate(&from_demo.0, &from_demo.1).is_err());
    assert!(!keys(true).rotate(&from_demo.0, &from_demo.1).unwrap().already);
    let to_demo = A.sign(&rotation(&A.id(), demo_line));
    assert_eq!(keys(false).rotate(&to_demo.0, &to_demo.1), Err(RotationError::Demo));
    assert!(keys(true).rotate(&to_demo.0, &to_demo.1).is_ok());
}

#[test]
fn keys_that_were_damaged_on_the_card_are_set_aside() {
    let shelf = FakeShelf::default();
    for damage in [&b""[..], b"[", b"{}", b"[{\"old\": \"A\", \"new\": \"no key\"}]"] {
        shelf.plant(KEYS, damage);
        let mut again = unit(&shelf);
        assert!(again.take_complaints()[0].message.starts_with("the unit's keys cannot be believed"));
        assert_eq!(trusted(&again), [A.id()]);
    }
}

/// The power is cut at every step of a rotation and of settings: each is as it was or as it is to be, and a key is there.
#[test]
fn a_power_cut_at_any_step_leaves_the_old_or_the_new() {
    let mut outcomes = Vec::new();
    for steps in 0..=2 * STEPS_OF_A_WRITE {
        let shelf = FakeShelf::default();
        let mut told = unit(&shelf);
        told.keep_settings(kept(A.settings(&named("ward-3", 1)))).unwrap();
        shelf.cut_after(steps);
        let mut keys = told.keys().clone();
        let (text, signature) = A.rotation_to(&B);
        keys.rotate(&text, &signature).unwrap();
        let rotated = told.keep_keys(keys).is_ok();
        let set = rotated && told.keep_settings(kept(B.settings(&named("ward-3", 2)))).is_ok();
        let mut again = unit(&shelf.restarted());
        assert!(again.take_complaints().is_empty(), "after {steps}");
        let (key, counter) = (trusted(&again), again.settings().unwrap().counter);
        assert!(key == [B.id()] || key == [A.id()] && !rotated, "after {steps}");
        assert!(counter == 2 || counter == 1 && !set, "after {steps}");
        outcomes.push((key == [B.id()], counter));
        assert!(rotate(&mut again, &A.rotation_to(&B)).is_ok());
        again.keep_settings(kept(B.settings(&named("ward-3", 2)))).unwrap();
        assert_eq!(trusted(&unit(&shelf)), [B.id()]);
    }
    assert!(outcomes.is_sorted(), "{outcomes:?}");
    for outcome in [(false, 1), (true, 1), (true, 2)] {
        assert!(outcomes.contains(&outcome), "{outcome:?} was never met");
    }
}
