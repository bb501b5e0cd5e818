// Java's date patterns (`yyyy-MM-dd HH:mm:ss.SSS`), as Tomcat's and Undertow's access logs take them, in strftime's letters.

const LETTERS: Readonly<Record<string, string>> = {
  y: '%Y',
  u: '%Y',
  M: '%m',
  d: '%d',
  H: '%H',
  k: '%H',
  h: '%I',
  m: '%M',
  s: '%S',
  S: '%L',
  a: '%p',
  Z: '%z',
  X: '%z',
  x: '%z',
  z: '%Z',
  E: '%a',
  D: '%j',
};

export const isJavaTime = (format: string): boolean => !format.includes('%') && /yy|MM|dd|HH|ss/.test(format);

/** 'quoted' text stands for itself. */
export function fromJava(format: string): string {
  return format.replace(/'([^']*)'|([A-Za-z])\2*/g, (run, quoted: string | undefined, letter: string) => {
    if (quoted !== undefined) return quoted === '' ? "'" : quoted;
    if (letter === 'M' && run.length > 2) return run.length > 3 ? '%B' : '%b';
    if (letter === 'E' && run.length > 3) return '%A';
    return letter === 'y' && run.length === 2 ? '%y' : (LETTERS[letter] ?? run);
  });
}
