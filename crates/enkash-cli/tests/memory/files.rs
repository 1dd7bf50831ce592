//! Files that are made to take much memory, or that have no end.
