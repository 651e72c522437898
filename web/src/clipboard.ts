/** Puts a text on the clipboard; false where the page has none, as one that is not served securely. */
export async function copied(text: string): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    return false;
  }
}
