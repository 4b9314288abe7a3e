//! The mouse of a browser's window.

use serde_json::json;

use crate::browser::Browser;

impl Browser {
    /// Clicks the middle of the first element that a selector finds, if there is one, with the mouse.
    pub fn click_at(&self, selector: &str) {
        let body = format!(
            "const r = document.querySelector({selector:?})?.getBoundingClientRect(); \
             return r && [r.x + r.width / 2, r.y + r.height / 2]"
        );
        let at = self.eval(&body);
        if let (Some(x), Some(y)) = (at[0].as_f64(), at[1].as_f64()) {
            self.mouse(x, y);
        }
    }

    /// Presses and lets go the mouse there.
    pub(crate) fn mouse(&self, x: f64, y: f64) {
        for kind in ["mousePressed", "mouseReleased"] {
            let event = json!({"type": kind, "x": x, "y": y, "button": "left", "clickCount": 1});
            self.cdp("Input.dispatchMouseEvent", &event);
        }
    }
}
