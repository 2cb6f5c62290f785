//! The Video4Linux2 types that the crate `v4l` uses, generated once (README.md), so that building needs no libclang.
#![forbid(unsafe_code)]
#![allow(clippy::all, missing_docs, non_camel_case_types, non_snake_case, non_upper_case_globals)]

#[cfg(all(
    target_os = "linux",
    target_pointer_width = "64",
    any(target_arch = "x86_64", target_arch = "aarch64")
))]
include!("bindings.rs");

#[cfg(not(all(
    target_os = "linux",
    target_pointer_width = "64",
    any(target_arch = "x86_64", target_arch = "aarch64")
)))]
compile_error!(
    "no Video4Linux2 bindings for this target (there are some for x86_64 and aarch64 Linux, 64 bit)\n\
     help: build synkiosk-device with `--no-default-features --features demo`, which needs no camera, \
     or generate bindings for this target as device/v4l2-sys/README.md says"
);
