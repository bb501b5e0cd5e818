// Runes everywhere, so that an old-style component fails to compile instead of half working.
export default { compilerOptions: { runes: true } };
