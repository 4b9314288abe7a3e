// <layer-lab setup run lesson lang theme when>: a lab in a page of yours. It takes the place of the console block inside
// it, when that comes into sight (or, with when="press", when its button is pressed), and keeps the block where it cannot.
// It tells what happens by the events "ready", "ran" and "solved", which bubble. No server, no account, no cookie.
(() => {
  const own = document.currentScript || document.querySelector('script[src*="layer-lab.js"]');
  const base = new URL(".", own.src);
  // How long the lab may take before the block stays what it was, in milliseconds.
  const PATIENCE = 20000;
  const WORDS = { en: ["Run it here", "Open in Layerlab"], zh: ["在这里运行", "在 Layerlab 中打开"] };

  // The lines that a block tells to type: those after a prompt, and what goes on after "> "; all, where there is no prompt.
  const typed = (text) => {
    const lines = text.split("\n");
    if (!lines.some((line) => line.startsWith("$ "))) return text.trim();
    let on = false;
    return lines.flatMap((line) => {
      on = line.startsWith("$ ") || (on && line.startsWith("> "));
      return on ? [line.slice(2)] : [];
    }).join("\n");
  };

  class LayerLab extends HTMLElement {
    connectedCallback() {
      if (this.hear) addEventListener("message", this.hear);
      if (this.begun) return;
      this.begun = true;
      // The block inside may not be read yet.
      if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", () => this.begin(), { once: true });
      else this.begin();
    }

    disconnectedCallback() {
      if (this.hear) removeEventListener("message", this.hear);
    }

    begin() {
      this.style.display = "block";
      const lang = this.getAttribute("lang") || document.documentElement.lang;
      this.words = WORDS[lang.toLowerCase().startsWith("zh") ? "zh" : "en"];
      const query = new URLSearchParams();
      const ask = (name, value) => value && query.set(name, value);
      ask("lang", lang);
      ask("theme", this.getAttribute("theme"));
      ask("setup", this.getAttribute("setup"));
      const lesson = this.getAttribute("lesson");
      if (lesson) ask("lesson", lesson);
      else ask("run", this.getAttribute("run") ?? typed((this.querySelector("pre") || this).innerText));
      this.query = query;
      if (this.getAttribute("when") === "press" || !("IntersectionObserver" in window)) {
        const button = document.createElement("button");
        button.type = "button";
        button.textContent = this.words[0];
        button.onclick = () => {
          button.disabled = true;
          this.load(() => button.remove());
        };
        this.append(button);
      } else {
        const sight = new IntersectionObserver((seen) => {
          if (!seen.some((one) => one.isIntersecting)) return;
          sight.disconnect();
          this.load(() => {});
        });
        sight.observe(this);
      }
    }

    load(done) {
      const before = [...this.children];
      const frame = document.createElement("iframe");
      const query = new URLSearchParams(this.query);
      query.set("embed", "");
      // A page that is a file has no origin of its own.
      query.set("origin", location.origin === "null" ? "*" : location.origin);
      frame.src = new URL("embed.html?" + query, base);
      frame.title = "Layerlab: " + (query.get("lesson") || (query.get("run") || "").split("\n")[0]);
      Object.assign(frame.style, { display: "block", width: "100%", height: "2px", border: "0" });
      const late = setTimeout(() => {
        frame.remove();
        const link = document.createElement("a");
        link.href = base + "?" + this.query;
        link.textContent = this.words[1];
        this.append(link);
        done();
      }, PATIENCE);
      this.hear = ({ source, origin, data }) => {
        if (source !== frame.contentWindow || origin !== base.origin || !data?.layerlab) return;
        const { layerlab: what, ...detail } = data;
        if (what === "height") frame.style.height = Math.min(Math.max(Number(detail.height) || 0, 80), 2000) + "px";
        if (what === "ready") {
          clearTimeout(late);
          for (const child of before) child.style.display = "none";
          done();
        }
        if (what !== "height") this.dispatchEvent(new CustomEvent(what, { bubbles: true, detail }));
      };
      addEventListener("message", this.hear);
      this.append(frame);
    }
  }
  if (!customElements.get("layer-lab")) customElements.define("layer-lab", LayerLab);
})();
