"""Where we listen, and which addresses are ours."""

import socket
from ipaddress import ip_address

import pytest

from polycast.core.net import Taken, is_ours, listen, local_address_towards


class TestListening:
    def test_takes_the_port_and_any_free_one_for_zero(self) -> None:
        [first] = listen("127.0.0.1", 0)
        with first, socket.create_connection(first.getsockname()) as client:
            assert not first.getblocking()
            first.setblocking(True)
            accepted, _ = first.accept()
            with accepted:
                assert accepted.getsockname() == client.getpeername()

    def test_a_name_means_all_its_addresses_on_one_port(self) -> None:
        sockets = listen("localhost", 0)
        assert len({opened.getsockname()[1] for opened in sockets}) == 1
        for opened in sockets:
            opened.close()

    def test_a_taken_port_is_told_in_words(self) -> None:
        [first] = listen("127.0.0.1", 0)
        port = first.getsockname()[1]
        with first, pytest.raises(Taken, match=f"Port {port} on 127.0.0.1 is already in use"):
            listen("127.0.0.1", port)

    def test_a_foreign_address_is_told_in_words(self) -> None:
        with pytest.raises(Taken, match="not an address of this machine"):
            listen("192.0.2.1", 0)


class TestOurAddresses:
    @pytest.mark.parametrize("text", ["127.0.0.1", "127.8.9.10", "::ffff:127.0.0.1"])
    def test_are_known(self, text: str) -> None:
        assert is_ours(ip_address(text))

    @pytest.mark.parametrize("text", ["192.0.2.1", "8.8.8.8", "2606:4700::1111"])
    def test_others_are_not(self, text: str) -> None:
        assert not is_ours(ip_address(text))

    def test_the_one_towards_a_peer_is_on_its_interface(self) -> None:
        assert local_address_towards("127.0.0.2") == "127.0.0.1"
