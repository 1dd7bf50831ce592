//! The files of `enkash allocate --file` and `enkash bulk`: reads them, checks every row, and says where each mistake is.
//! Nothing is sent before a whole file is right. The checks of a single value serve the flags of a single call as well.

mod finding;
mod reader;
mod row;

pub(crate) use self::{
    finding::Finding,
    reader::{Unusable, read},
    row::{BulkLine, Column, FileRow, Row, problem_of},
};
