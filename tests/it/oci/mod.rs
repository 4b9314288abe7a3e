//! The image formats against what real systems answered (`tests/oracle`).

mod bad_images;
mod commits;
mod corpus;
mod damage;
mod lens;
mod random_stacks;
mod stacks;
mod waste;
