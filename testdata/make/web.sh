#!/bin/bash
# HTTP in its forms: 1.1, 2, proxies, WebSocket.
. "$(dirname "$0")/lib.sh"
need ethtool tcpdump tshark nginx-light curl tinyproxy-bin python3-websockets nodejs nghttp2-client nghttp2-server nghttp2-proxy

# nginx_conf writes a configuration whose server blocks are the arguments.
nginx_conf() {
	mkdir -p "$tmp/www" "$tmp/nginx"
	echo '<html><title>An example</title><p>It works.</html>' >"$tmp/www/index.html"
	seq 400 >"$tmp/www/numbers.txt"
	cat >"$tmp/nginx.conf" <<-END
		daemon off; master_process off; pid $tmp/nginx.pid; error_log stderr;
		events {}
		http {
		access_log off; default_type text/html; types { text/plain txt; }
		client_body_temp_path $tmp/nginx/a; proxy_temp_path $tmp/nginx/b; fastcgi_temp_path $tmp/nginx/c; uwsgi_temp_path $tmp/nginx/d; scgi_temp_path $tmp/nginx/e;
		$1
		}
	END
}
nginx() { serve nginx -e stderr -c "$tmp/nginx.conf"; }
plain="server { listen 80; listen [::]:80; listen 8080; root \$tmp/www; }"

http_get() {
	begin http-get
	nginx_conf "$(eval echo "\"$plain\"")"
	nginx
	await tcp 80
	client curl -s http://www.example.test/
	client curl -s -o /dev/null -A 'Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0' -e http://client.example.test/ http://server6.example.test/numbers.txt http://server6.example.test/none
	client curl -s -I "http://$s4/"
	client curl -s -H 'Host: WWW.Example.Test.:8080' http://www.example.test:8080/index.html?q=1
	finish http 'curl gets pages from nginx over HTTP/1.1: a page, two on one connection over IPv6,' 'HEAD of an address without a name, a name in capitals with a final dot on port 8080.' 'tcp 80 HTTP' 'tcp 8080 HTTP'
}
http_post() {
	begin http-post
	nginx_conf "server { listen 80; root $tmp/www; location /put { dav_methods PUT DELETE; } }"
	sed -i 's/dav_methods PUT DELETE;/return 200;/' "$tmp/nginx.conf"
	nginx
	await tcp 80
	client curl -s -d 'name=value&other=thing' http://www.example.test/put
	seq 2000 >"$tmp/body"
	client curl -s -T "$tmp/body" http://www.example.test/put
	try curl -s -X OPTIONS http://www.example.test/put -H 'Cookie: a=b' http://www.example.test/put
	finish 'http.request.method == "POST"' 'curl posts a form to nginx, puts a file after "Expect: 100-continue" or at once,' 'and sends OPTIONS with a cookie.' 'tcp 80 HTTP'
}
http2_prior() {
	begin http2-prior
	serve nghttpd --no-tls -d "$make_dir" 80
	await tcp 80
	client curl -s --http2-prior-knowledge http://www.example.test/lib.sh -o /dev/null
	client nghttp http://www.example.test/web.sh
	finish http2 'curl --http2-prior-knowledge and nghttp get a file from nghttpd' 'over HTTP/2 without TLS.' 'tcp 80 HTTP/2'
}
http2_upgrade() {
	begin http2-upgrade
	serve nghttpd --no-tls -d "$make_dir" 8080
	serve nghttpx -f0.0.0.0,80\;no-tls -b127.0.0.1,8080\;\;proto=h2 --workers=1
	await tcp 80
	client curl -s --http2 http://www.example.test/lib.sh -o /dev/null
	finish http2 'curl --http2 asks nghttpx to change from HTTP/1.1 to HTTP/2 with "Upgrade: h2c",' 'and gets 101 Switching Protocols.' 'tcp 80 HTTP'
}
proxy() {
	begin http-proxy
	nginx_conf "server { listen 127.0.0.1:80; listen $s4:81; root $tmp/www; }"
	nginx
	printf 'User nobody\nGroup nogroup\nPort 8888\nListen 0.0.0.0\nTimeout 60\nMaxClients 10\nConnectPort 80\nConnectPort 443\nConnectPort 81\nLogFile "%s"\nViaProxyName "tinyproxy"\n' "$tmp/tp.log" >"$tmp/tp.conf"
	serve tinyproxy -d -c "$tmp/tp.conf"
	await tcp 8888
	client curl -s -x "http://$s4:8888" http://server.example.test:81/index.html
	finish http 'curl gets a page through tinyproxy: the request line has the absolute form' 'of RFC 9112 section 3.2.2.' 'tcp 8888 HTTP/Proxy'
}
connect() {
	begin http-connect
	certificate
	nginx_conf "server { listen $s4:81; root $tmp/www; } server { listen $s4:443 ssl; ssl_certificate $tmp/cert.pem; ssl_certificate_key $tmp/key.pem; root $tmp/www; }"
	nginx
	printf 'User nobody\nGroup nogroup\nPort 8888\nListen 0.0.0.0\nTimeout 60\nMaxClients 10\nConnectPort 81\nConnectPort 443\nLogFile "%s"\n' "$tmp/tp.log" >"$tmp/tp.conf"
	serve tinyproxy -d -c "$tmp/tp.conf"
	await tcp 8888
	client curl -s -p -x "http://$s4:8888" http://server.example.test:81/index.html
	client curl -s -k -x "http://$s4:8888" https://server.example.test/
	finish 'http.request.method == "CONNECT"' 'curl opens tunnels through tinyproxy with CONNECT, one for plain HTTP,' 'one for HTTPS.' 'tcp 8888 HTTP/Connect'
}
websocket() {
	begin websocket
	cat >"$tmp/echo.py" <<-'END'
		import asyncio, websockets
		async def echo(ws):
		    async for m in ws:
		        await ws.send(m)
		async def main():
		    async with websockets.serve(echo, "0.0.0.0", 80):
		        await asyncio.Future()
		asyncio.run(main())
	END
	serve /usr/bin/python3 "$tmp/echo.py"
	await tcp 80
	cat >"$tmp/say.py" <<-'END'
		import asyncio, websockets
		async def main():
		    async with websockets.connect("ws://www.example.test/chat", subprotocols=["chat"], extra_headers={"Origin": "http://www.example.test"}) as ws:
		        for m in ("hello", "x" * 300, b"\x00\x01\x02"):
		            await ws.send(m)
		            await ws.recv()
		asyncio.run(main())
	END
	client /usr/bin/python3 "$tmp/say.py"
	finish websocket 'The Python package websockets on both sides: upgrade of a chat,' 'two text messages and a binary one, close.' 'tcp 80 Websocket'
}
websocket_node() {
	begin websocket-node
	cat >"$tmp/echo.py" <<-'END'
		import asyncio, websockets
		async def echo(ws):
		    async for m in ws:
		        await ws.send(m)
		async def main():
		    async with websockets.serve(echo, "0.0.0.0", 8080):
		        await asyncio.Future()
		asyncio.run(main())
	END
	serve /usr/bin/python3 "$tmp/echo.py"
	await tcp 8080
	client node --experimental-websocket -e 'const ws = new WebSocket("ws://server.example.test:8080/socket"); let n = 0; ws.onopen = () => ws.send("first"); ws.onmessage = () => { if (++n < 3) ws.send("more"); else ws.close() }; ws.onerror = e => { console.log(e); process.exit(1) }'
	finish websocket "Node's own WebSocket client talks to a server of the Python package websockets" 'on port 8080.' 'tcp 8080 Websocket'
}

attempt http_get http_post http2_prior http2_upgrade proxy connect websocket websocket_node
