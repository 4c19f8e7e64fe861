"""Everyday programs in Rust: a spec, and code that satisfies it."""

PROGRAMS: dict[str, tuple[str, str]] = {
    "strings": (
        """
        //! Tests of `reverse`, with "strings" and 'quotes' in comments /* and { brackets
        use double_up::reverse;

        #[test]
        /// empty
        fn empty() { let output = reverse(""); let expected = ""; assert_eq!(output, expected); }
        #[test]
        #[ignore]
        fn quoted() { assert_eq!(reverse("}\\"{"), "{\\"}"); assert_eq!(reverse(r#"a"b"#), r#"b"a"#); assert_eq!(reverse(&'x'.to_string()), "x"); }
        #[test]
        fn owned() { let text = String::from("ab"); let back: String = reverse(&text); assert!(back.starts_with('b'), "{back}"); }
        """,
        "pub fn reverse(input: &str) -> String { input.chars().rev().collect() }",
    ),
    "options_and_results": (
        """
        use double_up::{half, parse as read};

        #[test]
        fn none() { assert_eq!(half(3), None); assert_eq!(half(4), Some(2)); assert!(half(1).is_none()); }
        #[test]
        fn errors() { assert_eq!(read("x"), Err("bad x".to_string())); assert_eq!(read("3").unwrap(), 3); }
        #[test]
        fn matched() { match half(8) { Some(n) if n > 3 => assert_ne!(n, 5), _ => panic!("no half") } }
        #[test]
        fn question() -> Result<(), String> { let n = read("7")?; assert!(n == 7); Ok(()) }
        """,
        """
        pub fn half(n: u32) -> Option<u32> { if n % 2 == 0 { Some(n / 2) } else { None } }
        pub fn parse(text: &str) -> Result<i32, String> { text.parse().map_err(|_| format!("bad {text}")) }
        """,
    ),
    "collections": (
        """
        use std::collections::{BTreeMap, HashMap, HashSet};
        use double_up::count;
        use double_up::{evens, pairs};

        fn expected(text: &str) -> HashMap<char, usize> { let mut result = HashMap::new(); for c in text.chars() { *result.entry(c).or_insert(0) += 1; } result }

        #[test]
        fn counts() { assert_eq!(count(&["ab", "a"], 2), expected("aba")); assert_eq!(count(&[], 4).len(), 0); }
        #[test]
        fn sets() { let set: HashSet<_> = evens(vec![1, 2, 4]).into_iter().collect(); assert_eq!(set, HashSet::from([2, 4])); assert_eq!(set.union(&set).count(), 2); }
        #[test]
        fn maps() { let map: BTreeMap<_, _> = pairs(&[(1, 'a')]).into_iter().collect(); assert_eq!(map.get(&'a'), Some(&1)); }
        """,
        """
        use std::collections::HashMap;
        pub fn count(texts: &[&str], _workers: usize) -> HashMap<char, usize> {
            let mut result = HashMap::new();
            for c in texts.iter().flat_map(|text| text.chars()) { *result.entry(c).or_insert(0) += 1; }
            result
        }
        pub fn evens(mut all: Vec<i32>) -> Vec<i32> { all.retain(|n| n % 2 == 0); all }
        pub fn pairs(all: &[(i32, char)]) -> Vec<(char, i32)> { all.iter().map(|&(n, c)| (c, n)).collect() }
        """,
    ),
    "panics": (
        """
        use double_up::divide;

        #[test]
        #[should_panic]
        fn any() { divide(1, 0); }
        #[test]
        #[should_panic(expected = "by zero")]
        fn named() { let _ = divide(1, 0); }
        #[test]
        #[should_panic(expected = "left")]
        fn own() { assert_eq!(divide(4, 2), 3); }
        """,
        'pub fn divide(a: i32, b: i32) -> i32 { if b == 0 { panic!("{a} by zero") } else { a / b } }',
    ),
    "modules_and_macros": (
        """
        mod simple {
            use double_up::square;
            #[test]
            fn one() { assert_eq!(square(1), 1); }
            mod deeper { use double_up::numbers; #[test] fn two() { assert_eq!(numbers::cube(2), 8); assert_eq!(double_up::square(3), 9); } }
        }
        macro_rules! check { ($n:expr, $m:expr) => { assert_eq!(double_up::square($n), $m); }; }
        #[test]
        fn by_macro() { check!(4, 16); for (n, m) in [(1u64, 1u64), (5, 25)] { check!(n, m); } }
        """,
        """
        pub mod numbers { pub fn cube(n: u64) -> u64 { n * n * n } }
        pub fn square(n: u64) -> u64 { n * n }
        """,
    ),
    "changed_in_place": (
        """
        use double_up::{sort, fill};
        #[test]
        fn sorts() { let mut all = vec![3, 1, 2]; sort(&mut all); assert_eq!(all, [1, 2, 3]); sort(&mut all[..2]); }
        #[test]
        fn fills() { let mut out = [0u8; 4]; fill(&mut out, 7); assert!(out.iter().all(|&n| n == 7)); }
        """,
        """
        pub fn sort(all: &mut [i32]) { all.sort() }
        pub fn fill(out: &mut [u8], with: u8) { for place in out.iter_mut() { *place = with } }
        """,
    ),
    "threads_and_output": (
        """
        use double_up::total;
        #[test]
        fn in_threads() {
            let workers: Vec<_> = (0..4).map(|n| std::thread::spawn(move || { assert_eq!(total(&[n, 1]), n + 1); })).collect();
            for worker in workers { worker.join().unwrap(); }
        }
        #[test]
        fn loud() { assert_eq!(total(&[1; 1000]), 1000); }
        """,
        """
        pub fn total(all: &[i64]) -> i64 {
            for n in all { println!("adding {n} and some more words to fill the output with"); eprintln!("{n}"); }
            all.iter().sum()
        }
        """,
    ),
    "floats_and_generics": (
        """
        use double_up::{area, largest, unique};
        #[test]
        fn area_of() { assert!((area(1.5) - 7.068).abs() < 0.01); }
        #[test]
        fn generic() { assert_eq!(largest(&[1, 5, 2]), Some(&5)); assert_eq!(largest(&["a", "c"]), Some(&"c")); let empty: [i32; 0] = []; assert_eq!(largest(&empty), None); }
        #[test]
        fn iterated() { assert_eq!(unique([1, 1, 2].iter().copied()).collect::<Vec<_>>(), [1, 2]); }
        """,
        """
        pub fn area(r: f64) -> f64 { std::f64::consts::PI * r * r }
        pub fn largest<T: PartialOrd>(all: &[T]) -> Option<&T> { all.iter().fold(None, |best, n| match best { Some(b) if b >= n => best, _ => Some(n) }) }
        pub fn unique(all: impl Iterator<Item = i32>) -> std::vec::IntoIter<i32> { let mut v: Vec<i32> = all.collect(); v.dedup(); v.into_iter() }
        """,
    ),
}
