//! Everything that is proved in memory: one binary, because each links the whole program.

mod house;
