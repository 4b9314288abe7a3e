//! What CI may ask of an image, and whether it is kept.

use super::report::Report;

/// What CI may ask.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Threshold {
    /// The least efficiency.
    pub min_efficiency: Option<f64>,
    /// The most bytes that may be hidden in layers for good.
    pub max_reclaimable: Option<u64>,
    /// The largest part of all bytes that may be hidden, 0 to 1.
    pub max_hidden: Option<f64>,
}

impl Report {
    /// The part of all bytes of contents that the merged view does not show, 0 to 1.
    #[expect(clippy::cast_precision_loss, reason = "a ratio for people")]
    pub fn hidden_share(&self) -> f64 {
        if self.content_bytes == 0 { 0.0 } else { self.reclaimable_bytes as f64 / self.content_bytes as f64 }
    }

    /// What of a threshold is not kept; nothing if all is well.
    pub fn failures(&self, threshold: Threshold) -> Vec<String> {
        let mut out = Vec::new();
        if let Some(min) = threshold.min_efficiency
            && self.efficiency.score < min
        {
            out.push(format!("efficiency {:.4} is below {min}", self.efficiency.score));
        }
        if let Some(max) = threshold.max_reclaimable
            && self.reclaimable_bytes > max
        {
            out.push(format!("{} reclaimable bytes are more than {max}", self.reclaimable_bytes));
        }
        if let Some(max) = threshold.max_hidden
            && self.hidden_share() > max
        {
            let (hidden, all) = (self.reclaimable_bytes, self.content_bytes);
            out.push(format!(
                "{:.4} of the contents ({hidden} of {all} bytes) is hidden, more than {max}",
                self.hidden_share()
            ));
        }
        out
    }
}
