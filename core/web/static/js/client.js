// What every page of the client loads. Each module looks for its own parts of the page and works without the others.
import "../theme.js";
import "./shortcuts.js";
import "./toasts.js";
import "./pickers.js";
import "./parts.js";
import "./search.js";
import "./files.js";
import "./hints.js";
