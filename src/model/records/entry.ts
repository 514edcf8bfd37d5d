/** How a record is described. */

export interface RecordEntry {
  meaning: string;
  /** Which verb or step writes it. */
  when: string;
  /**
   * Each field with what it holds; `schema` goes without saying. `a.b` is a field of the object
   * `a`, `a[].b` one of each object of the list `a`. What has no fields of its own here is as
   * free as its words say.
   */
  fields: Record<string, string>;
  /** Fields that are left out where there is nothing to say. */
  optional?: string[];
}

export function recordTable<Name extends `holdfast.${string}/${number}`>(
  table: Record<Name, RecordEntry>,
): Readonly<Record<Name, RecordEntry>> {
  return table;
}

/** Of one place where a file is held, under the given path. */
export function placeFields(path: string): Record<string, string> {
  return {
    [path]: 'Where the same file is held, earliest first.',
    [`${path}[].sha256`]: 'Digest of the file.',
    [`${path}[].captureId`]: 'The capture that holds it.',
    [`${path}[].source`]: 'Source of that capture.',
    [`${path}[].link`]: 'Link of that capture.',
    [`${path}[].name`]: 'Name of the file in it.',
    [`${path}[].storedAt`]: 'When it was stored.',
  };
}
