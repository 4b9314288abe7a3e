//! The form of the tables: a row holds what GNU's programs have, then what BusyBox has.

/// Declares a struct and its two constants, `GNU` and `BUSYBOX`, from rows `name: Type = GNU's, BusyBox's;`.
macro_rules! table {
    ($(#[$about:meta])* $table:ident { $($(#[$doc:meta])* $name:ident: $kind:ty = $gnu:expr, $busybox:expr;)* }) => {
        $(#[$about])*
        pub(crate) struct $table {
            $($(#[$doc])* pub(crate) $name: $kind,)*
        }

        impl $table {
            const GNU: Self = Self { $($name: $gnu,)* };
            const BUSYBOX: Self = Self { $($name: $busybox,)* };

            /// Returns the flavour's column.
            pub(crate) fn of(flavour: Flavour) -> &'static Self {
                match flavour {
                    Flavour::Gnu => &Self::GNU,
                    Flavour::Busybox => &Self::BUSYBOX,
                }
            }
        }
    };
}

pub(super) use table;
