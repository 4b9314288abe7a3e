//! The page of Layerlab: a window part and a worker part in one bundle.
