//! redb: the one write door, reads, migration.
