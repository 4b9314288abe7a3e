//! A file of the person's as a source of bytes, in the reader: places are read when they are needed, and nothing is kept.

use bytes::Bytes;
use js_sys::{ArrayBuffer, Uint8Array};
use layerlab_core::oci::blob::{BlobSource, SourceError};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{Blob, FileReaderSync};

/// A file that stays where it is.
#[derive(Debug, Clone)]
pub(super) struct FileSource {
    blob: Blob,
    size: u64,
    reader: FileReaderSync,
}

impl FileSource {
    /// A file of the browser's.
    pub(super) fn new(blob: Blob) -> Result<Self, String> {
        let reader = FileReaderSync::new().map_err(|error| error_text(&error))?;
        Ok(Self { size: size(&blob), blob, reader })
    }

    /// Starts to fetch a range; it comes without anybody waiting in a call.
    pub(super) fn fetch(&self, offset: u64, len: usize) -> Result<Piece, String> {
        let promise = self.slice(offset, len).map_err(|error| error_text(&error))?.array_buffer();
        Ok(Piece { offset, len, promise })
    }

    fn slice(&self, offset: u64, len: usize) -> Result<Blob, JsValue> {
        let end = offset.saturating_add(len as u64).min(self.size);
        #[expect(clippy::cast_precision_loss, reason = "no file has 2^53 bytes")]
        self.blob.slice_with_f64_and_f64(offset as f64, end as f64)
    }
}

impl BlobSource for FileSource {
    fn size(&self) -> u64 {
        self.size
    }

    fn read_at(&mut self, offset: u64, len: usize) -> Result<Bytes, SourceError> {
        let failed = |error: JsValue| SourceError::Failed(error_text(&error));
        let slice = self.slice(offset, len).map_err(failed)?;
        let buffer = self.reader.read_as_array_buffer(&slice).map_err(failed)?;
        Ok(Uint8Array::new(&buffer).to_vec().into())
    }
}

/// A range that is on its way.
#[derive(Debug)]
pub(super) struct Piece {
    /// Where it starts.
    pub(super) offset: u64,
    /// How many bytes were asked for.
    pub(super) len: usize,
    promise: js_sys::Promise,
}

impl Piece {
    /// Waits for it, and puts it into the buffer.
    pub(super) async fn into(self, buffer: &mut Vec<u8>) -> Result<(), String> {
        let value = JsFuture::from(self.promise).await.map_err(|error| error_text(&error))?;
        let array = Uint8Array::new(value.unchecked_ref::<ArrayBuffer>());
        buffer.resize(array.length() as usize, 0);
        array.copy_to(buffer);
        Ok(())
    }
}

/// The bytes of a file.
pub(super) fn size(blob: &Blob) -> u64 {
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a size is a whole number below 2^53"
    )]
    let size = blob.size() as u64;
    size
}

/// What the browser says of a failed read: a file that was changed or taken away while it is read ends here too.
pub(super) fn error_text(error: &JsValue) -> String {
    let message = js_sys::Reflect::get(error, &JsValue::from_str("message")).ok().and_then(|m| m.as_string());
    message.unwrap_or_else(|| "the browser cannot read it".to_owned())
}
