//! The budget of instructions counts what it says.

#[path = "../../benches/report/callgrind.rs"]
mod callgrind;

use self::callgrind::Counted;

/// As callgrind writes it: names once, positions relative or absolute, and the cost of a call in the line after `calls=`.
const OUTPUT: &str = "\
version: 1
events: Ir

ob=(1) /usr/bin/tollgate
fl=(1) ???
fn=(1) tollgate::handle
0 100
+3 20
cfn=(2) sha2::sha256::soft::compress
calls=2 0
* 700
cob=(2) libc.so
cfn=(3) __memset_avx2_unaligned_erms
calls=1 0
-3 40
cfn=(4) mi_malloc_aligned
calls=3 0
* 90
cfn=(5) mi_free
calls=3 0
* 30
cfn=(6) clock_gettime@@GLIBC_2.17
calls=2 0
* 10

fn=(2)
0 700

fn=(3)
0 40

fn=(4)
0 60
cfn=(7) mi_theap_malloc
calls=3 0
* 30

fn=(7)
0 30

fn=(5)
0 30

fn=(6)
0 10

totals: 990
";

#[test]
fn what_is_counted_leaves_out_sha_256_and_memset() {
    let counted = Counted::parse(OUTPUT);
    assert_eq!(counted.net(), Ok(990.0 - 700.0 - 40.0));
    assert_eq!(counted.net_if_any(), 250.0);
    assert_eq!((counted.allocations, counted.clock_reads), (3.0, 2.0));
}

#[test]
fn figures_in_which_either_of_them_was_not_found_are_not_used() {
    assert_eq!(Counted::parse(&OUTPUT.replace("sha256", "digest")).net(), Err("sha256"));
    assert_eq!(Counted::parse(&OUTPUT.replace("memset", "fill")).net(), Err("memset"));
}
