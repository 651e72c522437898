/** A figure as text to paste: an address, a command, a program, a frame. */

export interface Question {
  readonly address: string;
  readonly body: object;
  readonly file: string;
}

/** A text as one argument of a POSIX shell. */
export const shellQuoted = (text: string) => `'${text.replaceAll("'", "'\\''")}'`;

/** A text as a value of an HTML attribute in double quotes. */
const attributeQuoted = (text: string) =>
  text.replaceAll("&", "&amp;").replaceAll('"', "&quot;").replaceAll("<", "&lt;");

export function curl({ address, body, file }: Question): string {
  return [
    `curl -fsS ${shellQuoted(address)}`,
    "  -H 'Content-Type: application/json'",
    `  --data ${shellQuoted(JSON.stringify(body))}`,
    `  -o ${shellQuoted(file)}`,
  ].join(" \\\n");
}

/** A JSON value of texts and lists is a Python literal as it stands. */
export function python({ address, body, file }: Question): string {
  return [
    "from pathlib import Path",
    "",
    "import requests",
    "",
    "answer = requests.post(",
    `    ${JSON.stringify(address)},`,
    `    json=${JSON.stringify(body)},`,
    "    timeout=60,",
    ")",
    "answer.raise_for_status()",
    `Path(${JSON.stringify(file)}).write_bytes(answer.content)`,
  ].join("\n");
}

export function frame(address: string, title: string): string {
  return (
    `<iframe src="${attributeQuoted(address)}" title="${attributeQuoted(title)}" ` +
    'width="800" height="500" loading="lazy" style="border: 1px solid #ccc"></iframe>'
  );
}
