/** What a `get` method answers: one page of rows, and how many there are before limit and offset. */
export class Listing {
  readonly rows: readonly unknown[];
  readonly totalItems: number;

  constructor(rows: readonly unknown[], totalItems: number) {
    this.rows = rows;
    this.totalItems = totalItems;
  }
}
