declare module "locale:*" {
  /** Where the words of a language are fetched. */
  const address: string;
  export default address;
}
