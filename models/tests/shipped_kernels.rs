//! Every kernel of this processor gives the shipped bundle's golden sums, bit for bit.

use synkiosk_models::{
    bundle::{Bundle, DEMO_PUBLIC_KEY, TrustedKeys, shipped},
    network::kernel,
};

#[test]
fn golden_sums_on_every_kernel() {
    let bundle =
        Bundle::read(shipped(), &TrustedKeys::from_public_texts(&[DEMO_PUBLIC_KEY]).unwrap()).unwrap();
    let golden = bundle.golden();
    let inputs = golden.sums.len() + golden.landmark_sums.len();
    for kernel in kernel::all() {
        let mut network = bundle.network_with(kernel).unwrap();
        let mut landmarker = bundle.landmarker_with(kernel).unwrap();
        assert_eq!(network.kernel_name(), kernel.name());
        assert_eq!(
            bundle.check_golden(&mut network, &mut landmarker),
            Ok(inputs),
            "kernel {}",
            kernel.name()
        );
        println!("{}: {inputs} golden inputs, equal bit for bit", kernel.name());
    }
}
