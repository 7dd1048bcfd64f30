"""Runs a load of the shared bench against a node of ours: `with_token.py TOKEN_FILE SCRIPT ARGS…`.

The loads know no log-in, so each request gets the token that serve.ts left in TOKEN_FILE.
"""
import http.client
import os
import runpy
import sys
import time

token_file, script = sys.argv[1], sys.argv[2]
plain_request = http.client.HTTPConnection.request
headers_with_token = {}


def request(self, method, url, body=None, headers=None, **more):
    if not headers_with_token:
        end = time.time() + 10
        while not (os.path.exists(token_file) and os.path.getsize(token_file)) and time.time() < end:
            time.sleep(0.05)
        headers_with_token["Authorization"] = "Bearer " + open(token_file).read()
    return plain_request(self, method, url, body, {**(headers or {}), **headers_with_token}, **more)


http.client.HTTPConnection.request = request
sys.argv = sys.argv[2:]
sys.path.insert(0, os.path.dirname(os.path.abspath(script)))
runpy.run_path(script, run_name="__main__")
