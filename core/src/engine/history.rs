//! `docker history`: a line a step, newest first (`daemon/images/image_history.go`; oracle: history-*).

use super::Engine;
use super::error::{Error, Result};
use super::stores::StoredImage;
use crate::kernel::Timespec;
use crate::oci::{Digest, chain_id, time};

/// One line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HistoryLine {
    /// The image that the step made, where it is known here.
    pub id: Option<Digest>,
    /// When.
    pub created: Timespec,
    /// The command.
    pub created_by: String,
    /// A message.
    pub comment: String,
    /// Bytes of its layer, 0 where it made none.
    pub size: u64,
}

impl Engine<'_> {
    /// How an image came to be, newest step first.
    ///
    /// # Errors
    /// The document has more steps with layers than layers.
    pub fn history(&mut self, image: &StoredImage) -> Result<Vec<HistoryLine>> {
        let mut diff_ids = image.config.rootfs.diff_ids.iter();
        let mut chain: Option<Digest> = None;
        let mut lines = Vec::new();
        for step in &image.config.history {
            let mut size = 0;
            if !step.empty_layer {
                let diff_id = diff_ids.next().ok_or_else(|| {
                    Error::Failed("too many non-empty layers in History section".to_owned())
                })?;
                let this = chain_id(chain.as_ref(), diff_id);
                size = self.chain_size(&this)?.unwrap_or_default();
                chain = Some(this);
            }
            lines.push(HistoryLine {
                id: None,
                created: time::parse(&step.created).unwrap_or_default(),
                created_by: step.created_by.clone(),
                comment: step.comment.clone(),
                size,
            });
        }
        lines.reverse();
        let mut at = Some(image.clone());
        for line in &mut lines {
            let Some(image) = at else { break };
            line.id = Some(image.id);
            at = match image.parent {
                Some(parent) => self.image(&parent)?,
                None => None,
            };
        }
        Ok(lines)
    }
}
