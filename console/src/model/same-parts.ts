/** Whether two objects of one shape have the same parts. */
export function sameParts<Shape extends object>(one: Shape, other: Shape): boolean {
  const names = Object.keys(one) as (keyof Shape)[];
  return names.length === Object.keys(other).length && names.every((name) => Object.is(one[name], other[name]));
}
