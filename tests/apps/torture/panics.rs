// SPDX-License-Identifier: MIT
//! Rust: panics through functions and caught in one, results of every size, generics,
//! closures, threads. The ledger is as in ledger.h, told at the end.

use std::collections::BTreeMap;
use std::hint::black_box;
use std::panic;
use std::sync::mpsc;
use std::thread;

static mut LEDGER: BTreeMap<String, u64> = BTreeMap::new();

#[allow(static_mut_refs)]
fn tally(name: &str, how: &str, n: u64) {
    // of the main thread alone
    unsafe { *LEDGER.entry(format!("{name} {how}")).or_insert(0) += n }
}

#[allow(static_mut_refs)]
fn ledger_close() {
    if let Ok(path) = std::env::var("LEDGER") {
        let lines: String = unsafe { &LEDGER }.iter().map(|(k, n)| format!("{k} {n}\n")).collect();
        std::fs::write(path, lines).unwrap();
    }
}

struct Guard<'a>(&'a mut u64);
impl Drop for Guard<'_> {
    #[inline(never)]
    fn drop(&mut self) {
        *self.0 += 1;
    }
}

#[inline(never)]
fn t_level(n: u32, stop: u32, dropped: &mut u64) -> u32 {
    if n == 0 {
        if black_box(stop) % 2 == 1 {
            panic!("odd");
        }
        return stop;
    }
    let guard = Guard(dropped);
    let got = t_level(n - 1, stop, &mut *guard.0) + 1;
    black_box(got)
}

#[inline(never)]
fn t_catches(i: u32, dropped: &mut u64) -> i64 {
    match panic::catch_unwind(panic::AssertUnwindSafe(|| t_level(9, i, dropped))) {
        Ok(n) => n as i64,
        Err(e) => -(e.downcast_ref::<&str>().unwrap().len() as i64),
    }
}

#[inline(never)]
fn t_wide(a: u128, b: u128, c: i128) -> u128 {
    black_box(a.wrapping_mul(3).wrapping_add(b)) ^ (c as u128)
}

#[inline(never)]
fn t_result(n: i64) -> Result<[i64; 12], String> {
    if black_box(n) % 3 == 0 {
        Err(format!("no {n}"))
    } else {
        Ok([n; 12])
    }
}

#[inline(never)]
fn t_slices(a: &[u8], b: &str, c: (f64, i32), d: Option<Box<i64>>, e: &dyn Fn(i64) -> i64) -> (f64, i64) {
    let n = a.iter().map(|x| *x as i64).sum::<i64>() + b.len() as i64 + d.map_or(0, |x| *x);
    (c.0 + c.1 as f64, e(black_box(n)))
}

trait Shape {
    fn area(&self) -> f64;
}
struct Square(f64);
impl Shape for Square {
    #[inline(never)]
    fn area(&self) -> f64 {
        black_box(self.0) * self.0
    }
}

#[inline(never)]
fn t_generic<T: std::ops::Add<Output = T> + Copy>(a: T, b: T) -> T {
    black_box(a) + b
}

#[inline(never)]
fn t_thread(n: u64) -> u64 {
    if black_box(n) == 5 {
        panic!("five");
    }
    n * n
}

fn main() {
    panic::set_hook(Box::new(|_| {}));
    let mut dropped = 0;
    let sum: i64 = (0..50).map(|i| t_catches(i, &mut dropped)).sum();
    tally("panics::t_catches", "return", 50);
    tally("panics::t_level", "return", 250);
    tally("panics::t_level", "exception", 250);
    println!("levels {sum} dropped {dropped}");

    let mut wide = 1u128 << 90;
    for i in 0..20 {
        wide = t_wide(wide, i, -5);
    }
    tally("panics::t_wide", "return", 20);
    println!("wide {wide:x}");

    let (mut good, mut bad) = (0, 0);
    for i in 0..30 {
        match t_result(i) {
            Ok(a) => good += a.iter().sum::<i64>(),
            Err(s) => bad += s.len(),
        }
    }
    tally("panics::t_result", "return", 30);
    println!("results {good} {bad}");

    let k = black_box(3);
    let pair = t_slices(b"bytes", "text", (1.5, 2), Some(Box::new(7)), &|x| x * k);
    tally("panics::t_slices", "return", 1);
    let shape: Box<dyn Shape> = Box::new(Square(1.5));
    println!("{pair:?} {} {} {}", shape.area(), t_generic(1.5, 2.5), t_generic(3u8, 4));

    let (send, receive) = mpsc::channel();
    let threads: Vec<_> = (0..8)
        .map(|i| {
            let send = send.clone();
            thread::spawn(move || send.send(t_thread(i)).unwrap())
        })
        .collect();
    let panicked = threads.into_iter().map(|t| t.join().is_err() as u32).sum::<u32>();
    drop(send);
    tally("panics::t_thread", "return", 7);
    tally("panics::t_thread", "exception", 1);
    println!("threads {} panicked {panicked}", receive.iter().sum::<u64>());
    ledger_close();
}
