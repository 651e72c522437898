/** Starts the page: binds it to its address and keys, and draws it. */

import { render } from "preact";
import { followAddress } from "./address";
import { App } from "./app";
import { learnVersion } from "./asking";
import { followComparison } from "./compare/comparison";
import { followEnds } from "./ends/ends";
import { followChosen } from "./evidence/statements";
import { followFacets } from "./facet-counts";
import { followDrawing } from "./figure/view";
import { keepFocus } from "./focus";
import { followKeys } from "./keys";
import { followTitle } from "./title";

const place = document.getElementById("app");
if (place) {
  followAddress();
  followFacets();
  followComparison();
  followEnds();
  followChosen();
  followDrawing();
  followKeys();
  keepFocus();
  followTitle();
  render(<App />, place);
  document.documentElement.dataset["ready"] = "true";
  performance.mark("ready");
  void learnVersion();
}
