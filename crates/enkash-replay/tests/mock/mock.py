"""An independent mock of a few calls: it knows nothing of this project, and spells and codes as it likes."""

import http.server
import json

REPLIES = {
    "/oauth/token": {"accessToken": "t1", "tokenType": "bearer", "refreshToken": "r1", "expiresIn": 86399},
    "/api/v0/partner/enKashCard/cardAccount/get": {
        "code": "0",
        "message": "Success",
        "payload": {"cardAccountId": "CA9", "companyId": "CEK9", "availableBalance": "100.50", "currency": "INR"},
    },
}


class Mock(http.server.BaseHTTPRequestHandler):
    def do_POST(self):
        self.rfile.read(int(self.headers.get("content-length", 0)))
        reply = REPLIES.get(self.path)
        body = json.dumps(reply or {"error": "nothing here"}).encode()
        self.send_response(200 if reply else 404)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


server = http.server.HTTPServer(("127.0.0.1", 0), Mock)
print(server.server_port, flush=True)
server.serve_forever()
