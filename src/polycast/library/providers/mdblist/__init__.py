"""MDBList: ratings of many."""
