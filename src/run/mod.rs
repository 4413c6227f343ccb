//! Threads, sockets, the clock: the shell round the machines.
