"""Addresses of cases, service orders, registered products, and of drafts that came of requests."""

from django.urls import path

from cordboard.desktop import views_cases, views_knowledge, views_products, views_service_orders

patterns = [
    path("knowledge/drafts/", views_knowledge.drafts, name="drafts"),
    path("knowledge/<int:number>/<slug:verb>/", views_knowledge.review, name="article_review"),
    path("tickets/<int:number>/article/", views_knowledge.from_ticket, name="ticket_article"),
    path("cases/", views_cases.listing, name="cases"),
    path("cases/new/", views_cases.new, name="case_new"),
    path("cases/put-in/", views_cases.put_in, name="case_put_in"),
    path("cases/<int:number>/", views_cases.detail, name="case"),
    path("cases/<int:number>/files/<int:file>/", views_cases.file, name="case_file"),
    path("cases/<int:number>/<slug:verb>/", views_cases.act, name="case_act"),
    path("service-orders/", views_service_orders.listing, name="service_orders"),
    path("service-orders/new/", views_service_orders.new, name="service_order_new"),
    path("service-orders/<int:number>/", views_service_orders.detail, name="service_order"),
    path("service-orders/<int:number>/order.pdf", views_service_orders.paper, name="service_order_pdf"),
    path("service-orders/<int:number>/<slug:verb>/", views_service_orders.act, name="service_order_act"),
    path("visits/", views_service_orders.visits, name="visits"),
    path("visits/<int:number>/", views_service_orders.visit, name="visit"),
    path("visits/<int:number>/<slug:verb>/", views_service_orders.visit, name="visit_act"),
    path("products/<int:number>/", views_products.detail, name="product"),
    path("products/<int:number>/<slug:verb>/", views_products.act, name="product_act"),
    path("customers/<int:number>/products/", views_products.of_customer, name="customer_products"),
    path("customers/<int:number>/products/<int:product>/take-over/", views_products.take_over, name="product_take_over"),
]
