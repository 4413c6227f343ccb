// Amounts of money with the office's own signs (PRF-27 to PRF-33).

export type MoneyFormats = { currency_symbol: string; currency_decimals: number; decimal_separator: string; thousands_separator: string };

const usual: MoneyFormats = { currency_symbol: "¥", currency_decimals: 2, decimal_separator: ".", thousands_separator: "," };
let shownAs = usual;

export function setMoneyFormats(given: Partial<MoneyFormats> | undefined): void {
  shownAs = { ...usual, ...given };
}

/** `1234.5`, as text or figure, as `¥1,234.50`; digits beyond the decimals are rounded half up. */
export function money(amount: string | number): string {
  const { currency_symbol, currency_decimals, decimal_separator, thousands_separator } = shownAs;
  const [sign, whole, rest] = /^(-?)(\d+)(?:\.(\d*))?$/.exec(String(amount))?.slice(1) ?? [];
  if (whole === undefined) return String(amount);
  const digits = BigInt(whole + (rest ?? "").padEnd(currency_decimals + 1, "0").slice(0, currency_decimals + 1));
  const rounded = String((digits + 5n) / 10n).padStart(currency_decimals + 1, "0");
  const cut = rounded.length - currency_decimals;
  const grouped = rounded.slice(0, cut).replace(/\B(?=(\d{3})+$)/g, thousands_separator);
  return `${sign}${currency_symbol}${grouped}${currency_decimals ? decimal_separator + rounded.slice(cut) : ""}`;
}
