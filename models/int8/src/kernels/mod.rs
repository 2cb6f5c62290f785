//! The fast kernels, one file for each instruction set; with the loop that they share, the only files that may hold
//! code the compiler cannot check.

mod tiled;

#[cfg(target_arch = "x86_64")]
mod avx2;
#[cfg(target_arch = "x86_64")]
mod avx512_vnni;
#[cfg(target_arch = "x86_64")]
mod avx_vnni;
#[cfg(target_arch = "x86_64")]
mod store8;

#[cfg(target_arch = "aarch64")]
mod neon;
#[cfg(target_arch = "aarch64")]
mod neon_dot;
#[cfg(target_arch = "aarch64")]
mod store4;

use crate::kernel::Kernel;

/// Those that this processor has, the fastest first.
#[cfg(target_arch = "x86_64")]
pub(crate) fn all() -> impl Iterator<Item = &'static dyn Kernel> {
    [avx512_vnni::detect(), avx_vnni::detect(), avx2::detect()].into_iter().flatten()
}

/// Those that this processor has, the fastest first.
#[cfg(target_arch = "aarch64")]
pub(crate) fn all() -> impl Iterator<Item = &'static dyn Kernel> {
    [neon_dot::detect(), neon::detect()].into_iter().flatten()
}
