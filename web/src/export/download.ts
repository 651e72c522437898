/** Asks for a figure in a form and hands it to the browser: as a file, or on the clipboard. */

import { send } from "../api";
import { suffixOf } from "./naming";

/** Saves a figure and returns the file's name. Throws what is wrong, in plain words. */
export async function download(
  body: object,
  format: string,
  stem: string,
  signal: AbortSignal,
): Promise<string> {
  const response = await send("/api/v1/subgraph", body, signal);
  const name = `${stem}.${suffixOf(response.headers.get("Content-Disposition"), format)}`;
  const address = URL.createObjectURL(await response.blob());
  const link = document.createElement("a");
  link.href = address;
  link.download = name;
  link.click();
  // The browser reads the blob after the click has been dealt with.
  setTimeout(() => URL.revokeObjectURL(address), 10_000);
  return name;
}

/** Puts a picture on the clipboard. Throws what is wrong, in plain words. */
export async function copyPicture(body: object, signal: AbortSignal): Promise<void> {
  if (!navigator.clipboard?.write) {
    throw new Error(
      "This page may not write to the clipboard: it is not served over HTTPS. Save it as a PNG.",
    );
  }
  const picture = send("/api/v1/subgraph", body, signal).then((response) => response.blob());
  // Given as a promise at once: some browsers allow it only as long as the press is dealt with.
  await navigator.clipboard.write([new ClipboardItem({ "image/png": picture })]);
}
