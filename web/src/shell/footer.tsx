/** Which graph answers, and which version of it. */

import { pinnedSnapshot } from "../api";
import { again } from "../asking";
import * as store from "../store";
import { counted, short } from "../words";

function leaveSnapshot(): void {
  pinnedSnapshot.value = "";
  void again();
}

export function Footer() {
  const version = store.version.value;
  const snapshot = store.snapshot.value;
  const pinned = pinnedSnapshot.value;
  const isOther = pinned !== "" && !version?.snapshot.startsWith(pinned);
  return (
    <footer class="foot">
      {version ? (
        <p>
          Graph <b>{version.graph}</b>, snapshot <code>{snapshot}</code>:{" "}
          {counted(version.entities, "entity", "entities")},{" "}
          {counted(version.statements, "statement")}. MechKG {version.mechkg}.
        </p>
      ) : (
        <p>{snapshot ? `Snapshot ${snapshot}` : "The graph is not known yet."}</p>
      )}
      {isOther && (
        <p>
          This address asks for snapshot <code>{short(pinned, 64)}</code>.{" "}
          <button type="button" class="link" onClick={leaveSnapshot}>
            Use the current graph
          </button>
        </p>
      )}
      <p>For research, not for clinical decisions.</p>
    </footer>
  );
}
