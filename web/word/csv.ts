// A few lines as a CSV file that spreadsheets open as they are.

/** Quoted throughout; what a spreadsheet would take for a formula is marked as text. */
export function csv(lines: string[][]): string {
  const quoted = (text: string) => `"${(/^[=+\-@\t\r]/.test(text) ? `'${text}` : text).replaceAll('"', '""')}"`;
  return `\ufeff${lines.map((line) => line.map(quoted).join(",")).join("\r\n")}\r\n`;
}

/** Has the browser save it. */
export function saveFile(name: string, text: string): void {
  const address = URL.createObjectURL(new Blob([text], { type: "text/csv;charset=utf-8" }));
  fetchFile(address, name);
  URL.revokeObjectURL(address);
}

/** Has the browser save what is at an address. */
export function fetchFile(address: string, name: string): void {
  const link = document.createElement("a");
  link.href = address;
  link.download = name;
  link.click();
}
