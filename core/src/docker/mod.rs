mod columns;
mod flags;
mod help;
mod json;
mod template;
mod units;
