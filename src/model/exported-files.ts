/** Plain files that were handed over. */

/** Where they are, how many, and their bytes together. */
export interface ExportedFiles {
  folder: string;
  files: number;
  sizeBytes: number;
  /** Names of files that are not among them because they were removed by order. */
  removed: string[];
}
