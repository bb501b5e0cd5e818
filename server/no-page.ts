// What a browser is told when the page has not been built: what to run, and that everything else works.
export const noPage = `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<meta name="color-scheme" content="light dark">
<title>Fivealarm: the page has not been built</title>
<h1>The page has not been built</h1>
<p>The server is running: it takes lines, counts them and watches. Only the files of its page are missing. In the folder of the checkout run</p>
<pre>npm run build</pre>
<p>and load this page again; or stop the server and start it with <code>npm start</code>, which builds it first.</p>
<p>The <a href="/api/openapi.json">API</a>, <a href="/metrics">metrics</a> and <a href="/healthz">health</a> work without it.</p>
</html>
`;
