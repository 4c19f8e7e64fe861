// Part of each integration test that the gate builds. Everything here is private to the test's own crate.
mod __gate {
    use std::any::Any;
    use std::cell::Cell;
    use std::io::Write;
    use std::sync::{Mutex, Once};

    const TOKENS: &str = GATE_TOKENS;
    const PROOFS: &str = GATE_PROOFS;

    static START: Once = Once::new();
    static HELD: Mutex<Vec<String>> = Mutex::new(Vec::new());
    // Tests with an assertion that failed, wherever its panic went; usize::MAX for one outside of every test.
    static FAILED: Mutex<Vec<usize>> = Mutex::new(Vec::new());
    thread_local! { static CURRENT: Cell<usize> = Cell::new(usize::MAX); }

    // Runs before the body of every test, so the tokens are read, and their file is gone, before code of the crate runs.
    pub fn begin(test: usize) {
        START.call_once(|| {
            let text = std::fs::read_to_string(TOKENS).unwrap_or_default();
            if !text.is_empty() && std::fs::remove_file(TOKENS).is_err() {
                std::process::exit(97);
            }
            if let Ok(mut held) = HELD.lock() {
                *held = text.lines().map(String::from).collect();
            }
        });
        CURRENT.with(|current| current.set(test));
    }

    // What a test returns.
    pub trait Ending {
        fn well(&self) -> bool;
    }
    impl Ending for () {
        fn well(&self) -> bool {
            true
        }
    }
    impl<T, E> Ending for Result<T, E> {
        fn well(&self) -> bool {
            self.is_ok()
        }
    }

    pub fn ended<T: Ending>(test: usize, result: &T) {
        let failed = match FAILED.lock() {
            Ok(failed) => failed.contains(&test) || failed.contains(&usize::MAX),
            Err(_) => true,
        };
        if result.well() && !failed {
            prove(test);
        }
    }

    pub fn panicked(test: usize, result: Result<(), Box<dyn Any + Send>>, expected: Option<&str>) {
        if let Err(payload) = result {
            let text = match (payload.downcast_ref::<&'static str>(), payload.downcast_ref::<String>()) {
                (Some(text), _) => Some(*text),
                (_, Some(text)) => Some(text.as_str()),
                _ => None,
            };
            if expected.map_or(true, |part| text.map_or(false, |text| text.contains(part))) {
                prove(test);
            }
            std::panic::resume_unwind(payload);
        }
    }

    fn prove(test: usize) {
        let token = match HELD.lock() {
            Ok(held) => held.get(test).cloned().unwrap_or_default(),
            Err(_) => return,
        };
        if let Ok(mut file) = std::fs::OpenOptions::new().append(true).create(true).open(PROOFS) {
            let _ = file.write_all(format!("{}\n", token).as_bytes());
        }
    }

    // Held during an assertion of the spec.
    pub struct Watch;
    impl Drop for Watch {
        fn drop(&mut self) {
            if std::thread::panicking() {
                let test = CURRENT.try_with(|current| current.get()).unwrap_or(usize::MAX);
                if let Ok(mut failed) = FAILED.lock() {
                    failed.push(test);
                }
            }
        }
    }

    // Types of the standard library. Only these cross between the spec and the crate, so that no comparison, method or
    // operator that the spec uses on them is the crate's own.
    pub trait StandardType {}
    pub fn value<T: StandardType>(value: T) -> T {
        value
    }
    macro_rules! plain {
        ($($name:ty),* $(,)?) => { $(impl StandardType for $name {})* };
    }
    plain!((), bool, char, str, String, i8, i16, i32, i64, i128, isize, u8, u16, u32, u64, u128, usize, f32, f64);
    plain!(std::cmp::Ordering, std::time::Duration, std::time::Instant, std::time::SystemTime, std::fmt::Error);
    plain!(std::path::Path, std::path::PathBuf, std::ffi::OsStr, std::ffi::OsString, std::io::Error);
    plain!(std::num::ParseIntError, std::num::ParseFloatError, std::num::TryFromIntError, std::char::ParseCharError);
    plain!(std::str::Utf8Error, std::string::FromUtf8Error, std::str::ParseBoolError, std::convert::Infallible);
    plain!(std::net::IpAddr, std::net::Ipv4Addr, std::net::Ipv6Addr, std::net::SocketAddr);
    plain!(std::num::NonZeroU8, std::num::NonZeroU16, std::num::NonZeroU32, std::num::NonZeroU64, std::num::NonZeroUsize);
    plain!(dyn std::error::Error, dyn std::error::Error + Send + Sync);
    plain!(std::str::Chars<'_>, std::str::Bytes<'_>, std::str::Lines<'_>, std::str::SplitWhitespace<'_>);
    impl<T: StandardType + ?Sized> StandardType for &T {}
    impl<T: StandardType + ?Sized> StandardType for &mut T {}
    impl<T: StandardType> StandardType for [T] {}
    impl<T: StandardType, const N: usize> StandardType for [T; N] {}
    impl<T: StandardType + ToOwned + ?Sized> StandardType for std::borrow::Cow<'_, T> where T::Owned: StandardType {}
    impl<T: StandardType, E: StandardType> StandardType for Result<T, E> {}
    impl<K: StandardType, V: StandardType> StandardType for std::collections::HashMap<K, V> {}
    impl<K: StandardType, V: StandardType> StandardType for std::collections::BTreeMap<K, V> {}
    impl<T: StandardType> StandardType for std::collections::HashSet<T> {}
    macro_rules! plain_of_any {
        ($($($name:ident)::+),* $(,)?) => { $(impl<T: StandardType + ?Sized> StandardType for $($name)::+<T> {})* };
    }
    macro_rules! plain_of {
        ($($($name:ident)::+),* $(,)?) => { $(impl<T: StandardType> StandardType for $($name)::+<T> {})* };
    }
    plain_of_any!(Box, std::rc::Rc, std::sync::Arc, std::cell::RefCell, std::sync::Mutex, std::sync::RwLock);
    plain_of!(Option, Vec, std::collections::VecDeque, std::collections::BTreeSet, std::collections::LinkedList);
    plain_of!(std::collections::BinaryHeap, std::cell::Cell, std::cmp::Reverse, std::num::Wrapping);
    plain_of!(std::ops::Range, std::ops::RangeInclusive, std::ops::RangeFrom, std::ops::RangeTo, std::vec::IntoIter);
    plain_of!(std::iter::Copied, std::iter::Cloned, std::iter::Rev, std::iter::Enumerate, std::iter::Skip, std::iter::Take);
    impl<T: StandardType> StandardType for std::slice::Iter<'_, T> {}
    macro_rules! plain_tuples {
        ($(($($name:ident)+))*) => { $(impl<$($name: StandardType),+> StandardType for ($($name,)+) {})* };
    }
    plain_tuples!((A) (A B) (A B C) (A B C D) (A B C D E) (A B C D E F) (A B C D E F G) (A B C D E F G H));
}
