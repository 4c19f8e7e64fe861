#[allow(unused_macros)] macro_rules! assert { ($($all:tt)*) => {{ let gate_watch = crate::__gate::Watch; ::std::assert!($($all)*); ::std::mem::drop(gate_watch); }} }
#[allow(unused_macros)] macro_rules! assert_eq { ($($all:tt)*) => {{ let gate_watch = crate::__gate::Watch; ::std::assert_eq!($($all)*); ::std::mem::drop(gate_watch); }} }
#[allow(unused_macros)] macro_rules! assert_ne { ($($all:tt)*) => {{ let gate_watch = crate::__gate::Watch; ::std::assert_ne!($($all)*); ::std::mem::drop(gate_watch); }} }
