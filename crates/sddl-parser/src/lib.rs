//! Windows security descriptors.
#![no_std]
extern crate alloc;
