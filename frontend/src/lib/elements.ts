/** Elements of a dimension as the API names them. */

const REST = /^Other \((\d+)\)$/

/** What the API sums up because there are too many to name. */
export function isRest(name: string): boolean {
  return REST.test(name)
}

/** How many elements are behind `items`: one with several effects is one, `Other (150)` is 150. */
export function elementsIn(items: readonly { name: string }[]): number {
  const names = new Set(items.map(({ name }) => name))
  return [...names].reduce((sum, name) => sum + Number(REST.exec(name)?.[1] ?? 1), 0)
}
