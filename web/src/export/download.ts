/** Asks for a figure in a form and hands it to the browser as a file. */

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
