//! How long the session waits.

use std::time::Duration;

/// Without a press or a good picture, the person is asked whether they are still there.
pub const IDLE: Duration = Duration::from_secs(60);
/// Without a choice of language the first screen comes back: the marks have gone around more than twice.
pub const LANGUAGE: Duration = Duration::from_secs(45);
/// A mark stands so long, to be read and pressed, before it moves on.
pub const MARK: Duration = Duration::from_millis(2_500);
/// One pose may take so long before the person is asked.
pub const POSE_IDLE: Duration = Duration::from_secs(30);
/// "Are you still there?" stands so long before all is wiped.
pub const STILL_THERE: Duration = Duration::from_secs(15);
/// A pose's sentence and picture are read and followed: one short sentence at a slow reader's two words a second.
pub const READ: Duration = Duration::from_millis(3_000);
/// Good pictures for so long without a break: eight frames at the slowest board's 6.5 a second.
pub const HOLD: Duration = Duration::from_millis(1_200);
/// A picture's judgment must have come by then; the slowest board needs a tenth.
pub const CAPTURE: Duration = Duration::from_secs(10);
/// The answer must have come by then.
pub const THINKING: Duration = Duration::from_secs(20);
/// The reason for a retake is shown so long.
pub const RETAKE: Duration = Duration::from_secs(4);
/// Between two poses: the face comes to rest, as the next pose is held against it.
pub const PAUSE: Duration = Duration::from_millis(2_000);
/// The technician's screens stand so long without a press.
pub const TECHNICIAN: Duration = Duration::from_secs(120);
/// The drawing moves from rest to the pose in such steps, stays, and begins again.
pub const PHASE: Duration = Duration::from_millis(100);
/// The drawing stays at rest, and in the pose, so many steps.
pub const STAYS: [u32; 2] = [5, 14];
/// The answer stands so long before the person is asked.
pub const ANSWER: Duration = Duration::from_secs(120);
/// The last screen stands so long.
pub const WIPED: Duration = Duration::from_secs(6);
/// While pictures are taken, a visit without a sign of life for so long is over, whatever else happens: a camera that comes
/// and goes would begin every other wait anew.
pub const NO_SIGN: Duration = Duration::from_secs(90);
/// A camera that went away is waited for so long.
pub const CAMERA: Duration = Duration::from_secs(30);
/// A stick may be at work so long: 512 MiB to the slowest stick, 1.5 MB a second, and back.
pub const STICK_AT_WORK: Duration = Duration::from_secs(900);
/// The report stands so long when the stick stays in.
pub const STICK_DONE: Duration = Duration::from_secs(60);
/// Tries at one pose before it is skipped.
pub const TRIES: u32 = 3;
